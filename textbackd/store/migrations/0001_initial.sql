-- Times are UTC, ISO 8601 with six decimals and "+00:00", so that they sort as text. Numbers are E.164.

CREATE TABLE leads (
    id         INTEGER PRIMARY KEY,
    business   TEXT NOT NULL,
    number     TEXT,             -- NULL: withheld, or nothing that a text can be sent to
    caller     TEXT NOT NULL,    -- as the PBX showed it
    did        TEXT NOT NULL,
    did_label  TEXT NOT NULL,
    outcome    TEXT NOT NULL,    -- of the latest missed call on a PBX; '' where there was none
    status     TEXT NOT NULL CHECK (status IN ('new', 'contacted', 'booked', 'closed')),
    urgent     INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1)),
    calls      INTEGER NOT NULL DEFAULT 0,
    contacted_by TEXT NOT NULL DEFAULT '',       -- who of ours
    contacted_seconds REAL NOT NULL DEFAULT 0,   -- how long they were on the line
    maybe_machine INTEGER NOT NULL DEFAULT 0 CHECK (maybe_machine IN (0, 1)),  -- so briefly, perhaps with a voicemail
    simulated  INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1)),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_open_lead ON leads (business, number, simulated)
    WHERE number IS NOT NULL AND status <> 'closed';
CREATE INDEX leads_latest ON leads (updated_at, id);
CREATE INDEX leads_of_number ON leads (number);

CREATE TABLE calls (
    id           INTEGER PRIMARY KEY,
    pbx          TEXT NOT NULL,
    call_id      TEXT NOT NULL,    -- the inbound leg's Uniqueid or uuid
    caller       TEXT NOT NULL,
    caller_name  TEXT NOT NULL,
    number       TEXT,
    withheld     INTEGER NOT NULL CHECK (withheld IN (0, 1)),
    did          TEXT NOT NULL,
    did_label    TEXT NOT NULL,
    context      TEXT NOT NULL,
    business     TEXT NOT NULL,
    hours        TEXT NOT NULL CHECK (hours IN ('open', 'closed', 'holiday')),
    outcome      TEXT NOT NULL CHECK (outcome IN (
        'answered', 'answered_briefly', 'answered_then_lost', 'answered_then_voicemail', 'no_answer', 'busy',
        'unavailable', 'abandoned_ringing', 'abandoned_queue', 'abandoned_ivr', 'voicemail_message',
        'voicemail_silent', 'closed', 'not_offered', 'unknown')),
    because      TEXT NOT NULL,    -- what decided the outcome
    ring_seconds REAL NOT NULL,
    wait_seconds REAL NOT NULL,
    talk_seconds REAL NOT NULL,
    rang         TEXT NOT NULL,    -- JSON: [number, name, seconds, outside] of each that was rung
    talked_to    TEXT NOT NULL,    -- JSON: the same of each that was on the line
    maybe_machine INTEGER NOT NULL CHECK (maybe_machine IN (0, 1)),  -- answered outside, perhaps by a voicemail
    queue        TEXT NOT NULL,    -- the last one
    queue_seconds REAL NOT NULL,
    answered_at  TEXT,             -- when the first person was joined
    started_at   TEXT NOT NULL,
    ended_at     TEXT NOT NULL,
    steps        TEXT NOT NULL,    -- JSON: what was seen, in order; the last field: whether it decided the outcome
    decision     TEXT NOT NULL CHECK (decision IN ('text', 'silent')),
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    decided_at   TEXT NOT NULL,
    lead_id      INTEGER REFERENCES leads (id),
    simulated    INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1)),   -- textbackd simulate made it up
    UNIQUE (pbx, call_id)          -- a repeated event, or a second daemon, makes no second text
) STRICT;
CREATE INDEX calls_latest ON calls (ended_at, id);
CREATE INDEX calls_of_number ON calls (number, ended_at);
CREATE INDEX calls_of_lead ON calls (lead_id);
CREATE INDEX calls_to_be_texted ON calls (decided_at, number, decision, reason, simulated)
    WHERE (decision = 'text' OR reason = 'guard') AND NOT simulated;
CREATE INDEX calls_kept_back ON calls (detail, decided_at, reason, simulated) WHERE reason = 'guard' AND NOT simulated;

CREATE TABLE live_calls (          -- in the air: written when the inbound leg appears, removed when the call ends
    pbx        TEXT NOT NULL,
    call_id    TEXT NOT NULL,
    caller     TEXT NOT NULL,
    number     TEXT,
    did        TEXT NOT NULL,
    outbound   INTEGER NOT NULL CHECK (outbound IN (0, 1)),   -- the office calls the number
    started_at TEXT NOT NULL,
    PRIMARY KEY (pbx, call_id)
) STRICT;
CREATE INDEX live_calls_of_number ON live_calls (number);

CREATE TABLE outside_calls (       -- of the office to a number that had called it before, where somebody was reached
    pbx          TEXT NOT NULL,
    channel      TEXT NOT NULL,    -- Uniqueid or uuid of the leg outside
    number       TEXT NOT NULL,
    made_by      TEXT NOT NULL,    -- JSON: [number, name, seconds, outside] of each of ours on the line
    talk_seconds REAL NOT NULL,
    started_at   TEXT NOT NULL,
    answered_at  TEXT NOT NULL,
    ended_at     TEXT NOT NULL,
    PRIMARY KEY (pbx, channel)
) STRICT;
CREATE INDEX outside_calls_of_number ON outside_calls (number, ended_at);

CREATE TABLE links (               -- until when each PBX was watched
    pbx        TEXT PRIMARY KEY,
    up_until   TEXT NOT NULL,
    watched    INTEGER NOT NULL CHECK (watched IN (0, 1))     -- at this moment, and all that was missed is caught up
) STRICT;

CREATE TABLE entrances (           -- where calls begin on a PBX: trunks, phones, and what the configuration may lack
    pbx        TEXT NOT NULL,
    context    TEXT NOT NULL,
    line       TEXT NOT NULL,      -- endpoint or gateway
    inbound    INTEGER NOT NULL CHECK (inbound IN (0, 1)),    -- taken for calls from outside
    calls      INTEGER NOT NULL,
    last_at    TEXT NOT NULL,
    PRIMARY KEY (pbx, context, line, inbound)
) STRICT;

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('acknowledgement', 'caller', 'owner', 'staff', 'test')),
    priority   INTEGER NOT NULL,   -- lower goes first
    state      TEXT NOT NULL CHECK (state IN (
        'held', 'queued', 'sending', 'sent', 'delivered', 'undeliverable', 'unknown', 'failed', 'cancelled',
        'expired')),
    business   TEXT NOT NULL,
    number     TEXT NOT NULL,
    text       TEXT NOT NULL,
    encoding   TEXT NOT NULL CHECK (encoding IN ('gsm7', 'ucs2')),
    template   TEXT NOT NULL,
    passed_over TEXT NOT NULL DEFAULT '[]',   -- JSON: [template, why not] of each that would have come before it
    called_before INTEGER NOT NULL DEFAULT 0 CHECK (called_before IN (0, 1)),   -- whom it is for
    about      TEXT,               -- the caller whom it is about
    call_row   INTEGER REFERENCES calls (id),
    lead_id    INTEGER REFERENCES leads (id),
    inbox_id   INTEGER REFERENCES inbox (id),   -- what came in, of which it tells an owner
    simulated  INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1)),
    since      TEXT NOT NULL,      -- when that began which it is about
    created_at TEXT NOT NULL,
    counted_at TEXT NOT NULL,      -- when guards and the repeat window have it: made, and once a modem took it, then
    not_before TEXT NOT NULL,      -- its time; it grows stale from here on
    due_at     TEXT NOT NULL,      -- when to look at it next: not_before, or later after a failure or a wait
    attempts   INTEGER NOT NULL DEFAULT 0,
    reason     TEXT NOT NULL DEFAULT '',   -- of its state
    for_modem  TEXT NOT NULL DEFAULT '',   -- the only one that may send it; '': any
    shuns      TEXT NOT NULL DEFAULT '',   -- a modem that is not to send it while another can; '': none
    modem      TEXT NOT NULL DEFAULT '',   -- that tried it last
    sent_at    TEXT,               -- when its last part was accepted
    settled_at TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (state, priority, due_at, id);
CREATE INDEX outbox_of_number ON outbox (number, created_at);
CREATE INDEX outbox_about ON outbox (about, state);
CREATE INDEX outbox_of_lead ON outbox (lead_id);
CREATE INDEX outbox_of_call ON outbox (call_row);
CREATE INDEX outbox_of_inbox ON outbox (inbox_id) WHERE inbox_id IS NOT NULL;
CREATE INDEX outbox_of_modem ON outbox (modem, sent_at);
CREATE INDEX outbox_of_callers ON outbox (counted_at, number) WHERE kind = 'caller';
CREATE INDEX outbox_notices ON outbox (number, created_at) WHERE kind = 'owner' AND state <> 'cancelled';
CREATE INDEX outbox_expired ON outbox (reason, settled_at) WHERE state = 'expired';
CREATE INDEX outbox_kept_back ON outbox (created_at) WHERE reason = 'guard';
CREATE INDEX outbox_for_modem ON outbox (for_modem, id) WHERE for_modem <> '';

CREATE TABLE outbox_parts (        -- of each text that a modem tried, one row a part and copy
    message_id INTEGER NOT NULL REFERENCES outbox (id),
    copy       INTEGER NOT NULL,   -- from 1; a text of unknown fate that a person releases goes out as another copy
    part       INTEGER NOT NULL,   -- from 1
    state      TEXT NOT NULL CHECK (state IN (
        'waiting', 'submitting', 'accepted', 'refused', 'unknown', 'dismissed', 'delivered', 'undeliverable')),
    number     TEXT NOT NULL,      -- its text's, for the reports
    modem      TEXT NOT NULL DEFAULT '',
    message_reference INTEGER,     -- TP-MR
    submitted_at TEXT,             -- when the modem got it last
    reason     TEXT NOT NULL DEFAULT '',   -- of its state
    PRIMARY KEY (message_id, copy, part)
) STRICT;
CREATE INDEX outbox_parts_submitted ON outbox_parts (modem, submitted_at);
CREATE INDEX outbox_parts_of_number ON outbox_parts (number, submitted_at);

CREATE TABLE kept_reports (        -- delivery reports that fit more than one part
    id         INTEGER PRIMARY KEY,
    number     TEXT NOT NULL,
    modem      TEXT NOT NULL,
    message_reference INTEGER NOT NULL,
    status     INTEGER NOT NULL,   -- TP-ST
    arrived_at TEXT NOT NULL,
    UNIQUE (number, modem, message_reference, status)     -- what could not be deleted from the SIM is shown again
) STRICT;

CREATE TABLE outbox_changes (      -- every change of state, for the record
    message_id INTEGER NOT NULL REFERENCES outbox (id),
    at         TEXT NOT NULL,
    event      TEXT NOT NULL,
    state      TEXT NOT NULL,
    detail     TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_changes_of ON outbox_changes (message_id, at);
CREATE INDEX outbox_claims ON outbox_changes (detail, at) WHERE event = 'claimed';     -- detail: by which modem

CREATE TABLE inbox (
    id          INTEGER PRIMARY KEY,
    modem       TEXT NOT NULL,
    sender      TEXT NOT NULL,     -- as the network gave it
    number      TEXT,
    text        TEXT NOT NULL,
    sent_at     TEXT NOT NULL,     -- the service centre's time
    received_at TEXT NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,  -- of sender, sent_at and text: the SIM may give a text twice
    concatenation TEXT NOT NULL DEFAULT '',  -- reference/of: what its parts have in common; '': of one part
    missing     TEXT NOT NULL DEFAULT '[]',  -- JSON: the numbers of the parts that have not come; '[]': it is whole
    wish        TEXT NOT NULL CHECK (wish IN ('', 'stop', 'start', 'help')),
    lead_id     INTEGER REFERENCES leads (id)
) STRICT;
CREATE INDEX inbox_of_number ON inbox (number, received_at);
CREATE INDEX inbox_of_lead ON inbox (lead_id);
CREATE INDEX inbox_joined ON inbox (sender, concatenation, sent_at) WHERE concatenation <> '';

CREATE TABLE unread_messages (     -- what came and is no text, with its bytes
    id          INTEGER PRIMARY KEY,
    modem       TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('mms', 'binary', 'undecodable')),
    sender      TEXT NOT NULL,     -- as the network gave it; '' where it could not be learned
    number      TEXT,
    pdu         TEXT NOT NULL,     -- hexadecimal, the service centre's address in front; '': it could not be read
    received_at TEXT NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,  -- of its bytes, or of the address of a picture: networks repeat such notices
    lead_id     INTEGER REFERENCES leads (id)
) STRICT;
CREATE INDEX unread_messages_of_number ON unread_messages (number, received_at);

CREATE TABLE shelf (               -- messages that lie here instead of on the SIM, until they are taken in
    id       INTEGER PRIMARY KEY,
    modem    TEXT NOT NULL,
    pdu      TEXT NOT NULL,        -- hexadecimal, the service centre's address in front
    seen_at  TEXT NOT NULL,        -- when it was first seen, on the SIM or here
    UNIQUE (modem, pdu)
) STRICT;

CREATE TABLE calls_to_sims (       -- that made a lead, or moved one: nobody answers there
    id        INTEGER PRIMARY KEY,
    modem     TEXT NOT NULL,
    caller    TEXT NOT NULL,       -- E.164, or as the network gave it; '': withheld
    lead_id   INTEGER NOT NULL REFERENCES leads (id),
    called_at TEXT NOT NULL
) STRICT;
CREATE INDEX calls_to_sims_of_caller ON calls_to_sims (caller, called_at);
CREATE INDEX calls_to_sims_of_lead ON calls_to_sims (lead_id);

CREATE TABLE opt_outs (            -- for all businesses
    number TEXT PRIMARY KEY,
    state  TEXT NOT NULL CHECK (state IN ('out', 'hold')),
    since  TEXT NOT NULL,
    source TEXT NOT NULL           -- sms, desk
) STRICT;

CREATE TABLE exclusions (          -- who is never texted, besides those in the configuration
    id         INTEGER PRIMARY KEY,
    label      TEXT NOT NULL,
    number     TEXT,
    prefix     TEXT,
    name       TEXT,               -- casefolded
    note       TEXT NOT NULL,      -- who it is, as an import knew it
    source     TEXT NOT NULL,      -- hand, or the file it was imported from
    added_at   TEXT NOT NULL,
    CHECK ((number IS NOT NULL) + (prefix IS NOT NULL) + (name IS NOT NULL) = 1)
) STRICT;
CREATE UNIQUE INDEX exclusions_number ON exclusions (number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX exclusions_prefix ON exclusions (prefix) WHERE prefix IS NOT NULL;
CREATE UNIQUE INDEX exclusions_name ON exclusions (name) WHERE name IS NOT NULL;

CREATE TABLE learned_numbers (     -- what became known of a number by itself; each is forgotten in time
    number     TEXT NOT NULL,
    what       TEXT NOT NULL CHECK (what IN ('undeliverable', 'staff')),
    because    TEXT NOT NULL,      -- in plain words
    learned_at TEXT NOT NULL,      -- last
    expires_at TEXT NOT NULL,
    PRIMARY KEY (number, what)
) STRICT;

CREATE TABLE guard_clearances (    -- a person let a guard forget what it had counted
    guard      TEXT NOT NULL CHECK (guard IN ('per_prefix', 'per_hour', 'per_day', 'surge', 'unanswered')),
    cleared_at TEXT NOT NULL
) STRICT;

CREATE TABLE requests (            -- what other processes ask of the running daemon
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    arguments  TEXT NOT NULL,      -- JSON
    state      TEXT NOT NULL CHECK (state IN ('asked', 'running', 'done', 'failed', 'expired')),
    result     TEXT NOT NULL DEFAULT '',   -- JSON
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE alarms (
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN (
        'pbx_down', 'modem_down', 'modem_not_registered', 'sim_full', 'texts_unreadable', 'sim_pin', 'sim_puk',
        'no_service_centre', 'all_sends_failing', 'loop_test_failed', 'texts_unknown', 'guard_tripped',
        'mail_failing', 'webhook_failing')),
    subject    TEXT NOT NULL,      -- which PBX or modem; '': there is but one such thing
    detail     TEXT NOT NULL,      -- what was seen last
    began_at   TEXT NOT NULL,
    raised_at  TEXT NOT NULL,      -- from here on it is an alarm: it has lasted
    cleared_at TEXT                -- NULL: it lasts
) STRICT;
CREATE UNIQUE INDEX one_open_alarm ON alarms (kind, subject) WHERE cleared_at IS NULL;

CREATE TABLE alarm_tellings (      -- how far each channel has told an alarm
    alarm_id   INTEGER NOT NULL REFERENCES alarms (id),
    channel    TEXT NOT NULL CHECK (channel IN ('log', 'mail', 'webhook', 'sms')),
    told       TEXT NOT NULL DEFAULT '' CHECK (told IN ('', 'raised', 'cleared')),
    attempts   INTEGER NOT NULL DEFAULT 0,    -- that failed, of what is told next
    due_at     TEXT NOT NULL,                 -- when to try next
    error      TEXT NOT NULL DEFAULT '',      -- of the last try
    PRIMARY KEY (alarm_id, channel)
) STRICT;
