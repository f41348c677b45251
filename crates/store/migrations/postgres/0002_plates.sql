-- Plates that were read, who is looked for, and who was told.
--
-- Everything in here is personal data. What says how long a row has been kept:
--
--   * `readings.read_at_us` (and `reading_forms.read_at_us`, the same moment): when it was seen;
--   * `watch_list.expires_at_us` and `removed_at_us`: from then on an entry finds nothing;
--   * `alerts.raised_at_us`: an alert keeps its own copy of the reading, so it has its own age.
--
-- docs/store.md says how to remove what is older than the town may keep.

-- Every normal form that some reading is or may be, once. Searches with wildcards look here and
-- never walk the readings: a town has ten million readings of two million plates.
--
-- A search takes the most telling literal run of its pattern as a range: from the start of the
-- text, from its third to sixth character (nearly all plates of a town share the first two, the
-- province's code; what stands after it is one letter, a letter and a digit, or two), or backwards
-- from the end. Each index holds the whole text beside it.
CREATE TABLE plates (
    text TEXT COLLATE "C" PRIMARY KEY CHECK (text ~ '^[0-9A-Z]{1,16}$'),
    -- The text backwards.
    reversed TEXT COLLATE "C" NOT NULL CHECK (length(reversed) = length(text))
);
CREATE INDEX plates_by_tail_3 ON plates ((substr(text, 3)), text);
CREATE INDEX plates_by_tail_4 ON plates ((substr(text, 4)), text);
CREATE INDEX plates_by_tail_5 ON plates ((substr(text, 5)), text);
CREATE INDEX plates_by_tail_6 ON plates ((substr(text, 6)), text);
CREATE INDEX plates_by_end ON plates (reversed, text);

-- What all looks at a track's plate say together. One for a track: a later word replaces an earlier
-- one. A plate that nobody could read is a reading too: without its row nobody could tell how many
-- of the passing vehicles were never read.
CREATE TABLE readings (
    run BIGINT NOT NULL,
    track BIGINT NOT NULL CHECK (track > 0),
    -- Its run's, held to it by the foreign key; said again for the indexes.
    camera TEXT NOT NULL,
    class TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('sure', 'doubtful', 'unreadable')),
    -- Why it could not be read.
    unreadable TEXT,
    -- The normal form; NULL where unreadable: an unread plate is not a guess.
    plate TEXT COLLATE "C" REFERENCES plates (text),
    printed TEXT,
    -- Its kind in the grammar; NULL where several are open.
    kind TEXT,
    -- 1: a person has to decide whatever was read.
    manual BIGINT NOT NULL CHECK (manual IN (0, 1)),
    -- Probability that the whole text is right.
    score DOUBLE PRECISION NOT NULL CHECK (score BETWEEN 0 AND 1),
    layout TEXT,
    colour TEXT,
    width_px DOUBLE PRECISION NOT NULL CHECK (width_px >= 0),
    looks BIGINT NOT NULL CHECK (looks >= 0),
    votes BIGINT NOT NULL CHECK (votes BETWEEN 0 AND looks),
    -- The frame of the best look; NULL without one.
    best_frame BIGINT CHECK (best_frame >= 0),
    -- The track's first and last moment.
    first_at_us BIGINT NOT NULL,
    last_at_us BIGINT NOT NULL CHECK (last_at_us >= first_at_us),
    -- When the best look was taken; without one, the track's last moment.
    read_at_us BIGINT NOT NULL,
    -- The whole reading as JSON: characters with scores and doubts, raw text, alternatives, box.
    facts JSONB NOT NULL,
    PRIMARY KEY (run, track),
    FOREIGN KEY (run, camera) REFERENCES runs (id, camera),
    CHECK ((verdict = 'unreadable') = (plate IS NULL)),
    CHECK ((verdict = 'unreadable') = (unreadable IS NOT NULL)),
    CHECK ((plate IS NULL) = (printed IS NULL))
);
-- Each holds all that a search asks of a reading before it knows which page to show: a row is near
-- a kilobyte, and thousands of them would come from the disk one by one.
CREATE INDEX readings_by_plate ON readings (plate, read_at_us, verdict, camera, run, track)
    WHERE plate IS NOT NULL;
CREATE INDEX readings_by_camera ON readings (camera, read_at_us, verdict, plate, run, track);
CREATE INDEX readings_by_time ON readings (read_at_us, verdict, camera, plate, run, track);

-- What else a doubtful reading may be: each combination of its doubtful characters' other readings,
-- and the grammar's alternatives. Never shown as what was read; only found.
CREATE TABLE reading_forms (
    plate TEXT COLLATE "C" NOT NULL REFERENCES plates (text),
    -- The reading's, for the order of the key.
    read_at_us BIGINT NOT NULL,
    run BIGINT NOT NULL,
    track BIGINT NOT NULL,
    PRIMARY KEY (plate, read_at_us, run, track),
    FOREIGN KEY (run, track) REFERENCES readings (run, track)
);
CREATE INDEX reading_forms_by_reading ON reading_forms (run, track);

-- The violations of the road user whose plate was read.
CREATE INDEX violations_by_track ON violations (run, track);

-- Plates that people look for. Nothing is looked for without end, and nothing without a reason.
CREATE TABLE watch_list (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Normal form, with `?` for one and `*` for any number of characters.
    pattern TEXT COLLATE "C" NOT NULL CHECK (pattern <> ''),
    -- 1: no wildcard in it, so that a reading finds it by its index.
    exact BIGINT NOT NULL CHECK (exact IN (0, 1)),
    reason TEXT NOT NULL CHECK (reason <> ''),
    -- The file or case that it belongs to, where there is one.
    case_id TEXT CHECK (case_id <> ''),
    who TEXT NOT NULL CHECK (who <> ''),
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL CHECK (expires_at_us > created_at_us),
    removed_at_us BIGINT,
    removed_by TEXT CHECK (removed_by <> ''),
    CHECK ((removed_at_us IS NULL) = (removed_by IS NULL))
);
CREATE INDEX watch_list_in_force ON watch_list (exact, pattern, expires_at_us)
    WHERE removed_at_us IS NULL;

-- A reading that an entry was waiting for. It stays when its reading is replaced or its run taken
-- over: somebody may have acted on it. Therefore the copy of the reading, and no foreign key to it.
CREATE TABLE alerts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    watch BIGINT NOT NULL REFERENCES watch_list (id),
    -- Moves with its work to the run that takes over, as violations do.
    run BIGINT NOT NULL,
    track BIGINT NOT NULL CHECK (track > 0),
    camera TEXT NOT NULL,
    class TEXT NOT NULL,
    read_at_us BIGINT NOT NULL,
    -- 'sure': read so. 'doubtful': read so, with doubts. 'possible': a doubtful reading that may be it.
    how TEXT NOT NULL CHECK (how IN ('sure', 'doubtful', 'possible')),
    -- The reading as it was then.
    facts JSONB NOT NULL,
    raised_at_us BIGINT NOT NULL,
    seen_at_us BIGINT,
    seen_by TEXT CHECK (seen_by <> ''),
    -- A track is reported once, however often its reading is mended.
    UNIQUE (watch, run, track),
    FOREIGN KEY (run, camera) REFERENCES runs (id, camera) DEFERRABLE INITIALLY DEFERRED,
    CHECK ((seen_at_us IS NULL) = (seen_by IS NULL))
);
CREATE INDEX alerts_by_time ON alerts (raised_at_us, id);
CREATE INDEX alerts_by_run ON alerts (run);
