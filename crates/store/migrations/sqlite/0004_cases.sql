-- Violations on their way through people: cases, what was decided on them, plates that were mended.
--
-- What must never be broken is held by the database itself, whoever writes: a case moves only by a
-- decision that is written down, decisions are only added, and the second officer is another person.

-- One for each violation, made with it.
CREATE TABLE cases (
    id TEXT PRIMARY KEY REFERENCES violations (id),
    state TEXT NOT NULL DEFAULT 'flagged' CHECK (state IN ('flagged', 'first_confirmed', 'confirmed',
        'rejected', 'notice_drafted', 'sent', 'answered', 'overdue', 'closed')),
    -- Rises with whatever a person must have seen before deciding. Who decides names the version that
    -- was on the screen.
    version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0),
    -- Rows in `decisions`; the state is where the last of them led.
    steps INTEGER NOT NULL DEFAULT 0 CHECK (steps >= 0),
    -- The violation's, said again so that a page of the queue is read from one index.
    camera TEXT NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    line TEXT,
    class TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('sure', 'insufficient')),
    -- Of track and class; NULL where the facts do not say.
    confidence REAL CHECK (confidence BETWEEN 0 AND 1),
    act_at_us INTEGER NOT NULL,
    -- 0: `act_at_us` is a hint or counts from 1970, so that no clock of the law can run on it.
    clock_known INTEGER NOT NULL CHECK (clock_known IN (0, 1)),
    -- Of the camera's point; changes with the register.
    unit TEXT,
    -- What is known of the plate. Follows the reading of the track while nobody has decided and nobody
    -- has mended it. NULL: never tried, or unreadable.
    plate TEXT CHECK (length(plate) BETWEEN 1 AND 16 AND plate NOT GLOB '*[^0-9A-Z]*'),
    -- For people, `?` for each doubtful character. NULL: as the reading says.
    plate_shown TEXT,
    plate_verdict TEXT CHECK (plate_verdict IN ('sure', 'doubtful', 'unreadable')),
    -- 1: a person has typed it.
    plate_edited INTEGER NOT NULL DEFAULT 0 CHECK (plate_edited IN (0, 1)),
    -- Which vehicle: its sure plate, else its track in its source.
    vehicle TEXT NOT NULL,
    -- The first case of the same vehicle at the same camera, each within two minutes of the one before.
    group_key TEXT NOT NULL,
    -- Less is surer: first the rule, then the plate, then track and class in tenths.
    -- Not a generated column: SQLite would leave the index for the table at every row.
    doubt INTEGER NOT NULL CHECK (doubt = CASE WHEN verdict = 'sure' THEN 0 ELSE 40 END
        + CASE WHEN plate_edited = 1 OR COALESCE(plate_verdict, '') = 'sure' THEN 0 ELSE 20 END
        + 10 - COALESCE(CAST(confidence * 10 AS INTEGER), 0)),
    -- Who confirmed first, while and after a second one is needed.
    first_by TEXT REFERENCES accounts (name),
    -- When an officer first determined it; ten days run from here.
    detected_at_us INTEGER,
    -- When the notice was sent; twenty days run from here.
    sent_at_us INTEGER,
    -- The clock of the law that runs out next.
    due TEXT CHECK (due IN ('identify', 'notify', 'answer', 'limitation')),
    due_at_us INTEGER,
    -- Who has it on the screen, and until when unless he goes on.
    held_by TEXT REFERENCES accounts (name),
    held_until_us INTEGER,
    CHECK ((due IS NULL) = (due_at_us IS NULL)),
    CHECK ((held_by IS NULL) = (held_until_us IS NULL)),
    CHECK ((plate IS NULL) = (COALESCE(plate_verdict, 'unreadable') = 'unreadable' AND plate_edited = 0)),
    -- A notice needs an addressee: nothing is confirmed on a plate with a doubt in it.
    CHECK (state IN ('flagged', 'rejected') OR plate_edited = 1 OR COALESCE(plate_verdict, '') = 'sure'),
    CHECK (state IN ('flagged', 'rejected') OR (first_by IS NOT NULL AND detected_at_us IS NOT NULL))
) STRICT;
-- Each holds what the queue filters by. The first two cut its ranked pages: what is due, then the rest.
CREATE INDEX cases_by_due
    ON cases (state, due_at_us, id, camera, kind, verdict, unit, act_at_us);
CREATE INDEX cases_by_doubt
    ON cases (state, doubt, act_at_us, id, due_at_us, camera, kind, verdict, unit);
CREATE INDEX cases_by_time
    ON cases (state, act_at_us, id, due_at_us, camera, kind, verdict, unit);
CREATE INDEX cases_by_vehicle ON cases (camera, vehicle, act_at_us, id);
CREATE INDEX cases_by_group ON cases (group_key);
CREATE INDEX cases_by_plate ON cases (plate, act_at_us, id) WHERE plate IS NOT NULL;

-- What was decided, step by step.
CREATE TABLE decisions (
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- From 1, without gaps.
    number INTEGER NOT NULL CHECK (number > 0),
    step TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    who TEXT NOT NULL REFERENCES accounts (name),
    at_us INTEGER NOT NULL,
    -- Why it was rejected.
    reason TEXT CHECK (reason IN ('not_a_violation', 'wrong_vehicle', 'plate_unreadable',
        'priority_vehicle', 'officer_directing', 'signal_fault', 'poor_picture', 'duplicate', 'other')),
    note TEXT NOT NULL,
    -- What was answered to the questions that the law asks, as a JSON object.
    answers TEXT NOT NULL CHECK (json_type(answers) = 'object'),
    -- How long it took, from the first still to the key; NULL where nobody measured.
    seconds REAL CHECK (seconds >= 0),
    -- The plate that was on the screen.
    plate TEXT,
    PRIMARY KEY (case_id, number),
    -- Every step that there is.
    CHECK ((step = 'confirm' AND from_state = 'flagged' AND to_state = 'first_confirmed')
        OR (step = 'confirm' AND from_state = 'first_confirmed' AND to_state = 'confirmed')
        OR (step = 'reject' AND from_state IN ('flagged', 'first_confirmed') AND to_state = 'rejected')
        OR (step = 'reopen' AND from_state = 'rejected' AND to_state = 'flagged')
        OR (step = 'draft_notice' AND from_state = 'confirmed' AND to_state = 'notice_drafted')
        OR (step = 'send_notice' AND from_state = 'notice_drafted' AND to_state = 'sent')
        OR (step = 'record_answer' AND from_state IN ('sent', 'overdue') AND to_state = 'answered')
        OR (step = 'mark_overdue' AND from_state = 'sent' AND to_state = 'overdue')
        OR (step = 'close' AND to_state = 'closed'
            AND from_state IN ('confirmed', 'notice_drafted', 'sent', 'answered', 'overdue'))),
    CHECK ((step = 'reject') = (reason IS NOT NULL)),
    CHECK ((step NOT IN ('reopen', 'close') AND COALESCE(reason, '') <> 'other') OR note <> '')
) STRICT;
CREATE INDEX decisions_by_time ON decisions (at_us);

-- What people made of a plate.
CREATE TABLE plate_edits (
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- The case's version after it.
    version INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    who TEXT NOT NULL REFERENCES accounts (name),
    -- What stood there; NULL: nothing.
    from_plate TEXT,
    to_plate TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (case_id, version)
) STRICT;

-- The history of a case, and the auditor's questions.
CREATE INDEX audit_by_subject ON audit (subject, sequence);
CREATE INDEX audit_by_who ON audit (who, sequence);
CREATE INDEX audit_by_action ON audit (action, sequence);
CREATE INDEX audit_by_time ON audit (at_us, sequence);

CREATE TRIGGER cases_begin_flagged BEFORE INSERT ON cases
    -- The second line stops INSERT OR REPLACE, which passes by the triggers against removing.
    WHEN NEW.state <> 'flagged' OR NEW.steps <> 0 OR NEW.plate_edited <> 0
        OR EXISTS (SELECT 1 FROM cases c WHERE c.id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a case begins flagged'); END;
CREATE TRIGGER cases_are_not_removed BEFORE DELETE ON cases
    BEGIN SELECT RAISE(ABORT, 'cases are never removed'); END;
CREATE TRIGGER cases_move_by_decisions BEFORE UPDATE ON cases
    WHEN (NEW.id, NEW.state, NEW.steps, COALESCE(NEW.first_by, ''))
            <> (OLD.id, OLD.state, OLD.steps, COALESCE(OLD.first_by, ''))
        AND NOT EXISTS (SELECT 1 FROM decisions d
            WHERE d.case_id = OLD.id AND d.number = OLD.steps + 1 AND NEW.id = OLD.id
                AND NEW.steps = d.number AND d.from_state = OLD.state AND d.to_state = NEW.state
                AND NEW.first_by IS NOT DISTINCT FROM CASE NEW.state
                    WHEN 'flagged' THEN NULL WHEN 'first_confirmed' THEN d.who ELSE OLD.first_by END)
    BEGIN SELECT RAISE(ABORT, 'a case moves only by a decision'); END;
-- What the first officer confirmed is what the second one sees.
CREATE TRIGGER cases_keep_their_plate BEFORE UPDATE ON cases
    WHEN OLD.state <> 'flagged' AND (NEW.plate, NEW.plate_verdict, NEW.plate_edited)
        IS DISTINCT FROM (OLD.plate, OLD.plate_verdict, OLD.plate_edited)
    BEGIN SELECT RAISE(ABORT, 'the plate of a decided case does not change'); END;
CREATE TRIGGER decisions_follow BEFORE INSERT ON decisions
    WHEN NOT EXISTS (SELECT 1 FROM cases c
        WHERE c.id = NEW.case_id AND c.state = NEW.from_state AND c.steps + 1 = NEW.number)
        OR EXISTS (SELECT 1 FROM decisions d
            WHERE d.case_id = NEW.case_id AND d.number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'a decision follows on the state of its case'); END;
CREATE TRIGGER decisions_have_four_eyes BEFORE INSERT ON decisions
    WHEN NEW.from_state = 'first_confirmed' AND EXISTS (SELECT 1 FROM decisions d
        WHERE d.case_id = NEW.case_id AND d.number = NEW.number - 1 AND d.who = NEW.who)
    BEGIN SELECT RAISE(ABORT, 'the second officer must be another person'); END;
CREATE TRIGGER decisions_need_a_role BEFORE INSERT ON decisions
    WHEN NOT EXISTS (SELECT 1 FROM accounts a, json_each(a.roles) r
        WHERE a.name = NEW.who AND a.disabled = 0 AND (r.value = 'approver'
            OR (r.value = 'reviewer' AND NEW.from_state NOT IN ('first_confirmed', 'rejected'))))
    BEGIN SELECT RAISE(ABORT, 'the account has no role for this decision'); END;
CREATE TRIGGER decisions_are_not_changed BEFORE UPDATE ON decisions
    BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_are_not_removed BEFORE DELETE ON decisions
    BEGIN SELECT RAISE(ABORT, 'decisions are never removed'); END;
CREATE TRIGGER plate_edits_are_not_changed BEFORE UPDATE ON plate_edits
    BEGIN SELECT RAISE(ABORT, 'plate edits are never changed'); END;
CREATE TRIGGER plate_edits_are_not_removed BEFORE DELETE ON plate_edits
    BEGIN SELECT RAISE(ABORT, 'plate edits are never removed'); END;

-- Cases for the violations that are there, as the program makes them for those that come. The shown
-- form of a doubtful plate is left to its reading.
INSERT INTO cases (id, camera, kind, rule, line, class, verdict, confidence, act_at_us, clock_known,
    unit, plate, plate_shown, plate_verdict, vehicle, group_key, doubt, due, due_at_us)
SELECT id, camera, kind, rule, line, class, verdict,
    CASE WHEN confidence BETWEEN 0 AND 1 THEN confidence END, act_at_us, clock_known, unit, plate,
    CASE WHEN plate_verdict = 'sure' THEN printed END, plate_verdict,
    CASE WHEN plate_verdict = 'sure' AND clock_known = 1 THEN 'plate ' || plate
        ELSE 'track ' || substr(source_sha256, 1, 16) || ' ' || CAST(track AS TEXT) END,
    id, CASE WHEN verdict = 'sure' THEN 0 ELSE 40 END
        + CASE WHEN COALESCE(plate_verdict, '') = 'sure' THEN 0 ELSE 20 END
        + 10 - COALESCE(CASE WHEN confidence BETWEEN 0 AND 1 THEN CAST(confidence * 10 AS INTEGER) END, 0),
    CASE WHEN clock_known = 1 THEN 'limitation' END,
    CASE WHEN clock_known = 1 THEN act_at_us + 31536000000000 END
FROM (SELECT v.id, v.camera, v.kind, v.rule, v.class, v.verdict, v.act_at_us, v.track, p.unit, d.plate,
        d.printed, d.verdict AS plate_verdict, r.source_sha256,
        CASE WHEN json_type(v.facts, '$.line') = 'text' THEN json_extract(v.facts, '$.line') END AS line,
        CASE WHEN json_type(v.facts, '$.confidence') IN ('real', 'integer')
            THEN CAST(json_extract(v.facts, '$.confidence') AS REAL) END AS confidence,
        CASE WHEN r.origin_clock IN ('file_modified', 'unknown') THEN 0 ELSE 1 END AS clock_known
    FROM violations v JOIN runs r ON r.id = v.run JOIN cameras k ON k.id = v.camera
    LEFT JOIN points p ON p.id = k.point
    LEFT JOIN readings d ON d.run = v.run AND d.track = v.track) AS found;

UPDATE cases SET group_key = g.first_id
FROM (SELECT id, first_value(id) OVER (PARTITION BY camera, vehicle, n ORDER BY act_at_us, id) AS first_id
    FROM (SELECT id, camera, vehicle, act_at_us,
            sum(begins) OVER (PARTITION BY camera, vehicle ORDER BY act_at_us, id) AS n
        FROM (SELECT id, camera, vehicle, act_at_us,
                CASE WHEN act_at_us - lag(act_at_us)
                    OVER (PARTITION BY camera, vehicle ORDER BY act_at_us, id) <= 120000000
                    THEN 0 ELSE 1 END AS begins
            FROM cases) AS gaps) AS numbered) AS g
WHERE g.id = cases.id AND g.first_id <> cases.group_key;
