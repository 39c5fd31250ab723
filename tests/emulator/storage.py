"""Where texts lie: on the SIM (SM), in the modem (ME), and delivery reports on the SIM (SR) (3GPP TS 27.005 §3.2.2)."""

UNREAD, READ = 0, 1

Store = dict[int, tuple[int, bytes]]
"""Place, from 1 → ``stat`` of +CMGL and the PDU."""


class Storage:
    """What lies there survives a reboot."""

    def __init__(self) -> None:
        self.sizes = {"SM": 20, "ME": 100, "SR": 20}
        """Without ``ME`` the modem has none of its own."""
        self.stores: dict[str, Store] = {"SM": {}, "ME": {}, "SR": {}}

    def put(self, name: str, message: bytes) -> int | None:
        """Its place; None where there is no room."""
        store = self.stores[name]
        place = next((place for place in range(1, self.sizes[name] + 1) if place not in store), None)
        if place is not None:
            store[place] = (UNREAD, message)
        return place

    def read(self, name: str, place: int) -> tuple[int, bytes] | None:
        """The message as it was, which is ``READ`` from now on."""
        found = self.stores[name].get(place)
        if found is not None:
            self.stores[name][place] = (READ, found[1])
        return found

    def usage(self, name: str) -> str:
        """Used and total, as +CPMS says them."""
        return f"{len(self.stores[name])},{self.sizes[name]}"
