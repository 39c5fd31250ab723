"""The whole product on one machine: the real daemon between a simulated PBX and a simulated modem.

``scenes`` -> ``call_on_pbx`` (in ``ami_messages``) -> ``simulated_pbx``; ``day`` is what happens, ``office`` where,
``show`` what is seen of it, ``summary`` whether it came out as the day says, ``play`` the joining of it all.
"""
