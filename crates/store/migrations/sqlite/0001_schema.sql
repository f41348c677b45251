-- The memory of giaolo: what was registered, analysed, counted, found and done.
--
-- The PostgreSQL schema beside this one (../postgres) says the same; where the two differ, each
-- says why. Conventions that hold in every table:
--
--   * Times end in `_us`: microseconds, as the program holds them. Those ending in `_at_us` are
--     moments of the world, since 1970-01-01 UTC; the others count from a source's first frame.
--     A whole number compares and indexes alike in both databases and loses nothing on the way;
--     a text or a float would. To read one: datetime(x / 1000000, 'unixepoch').
--   * Hashes are SHA-256 in lower-case hexadecimal, so that people can compare them by eye.
--   * NULL means that nobody knows. A number that is not known is never 0.
--   * Names of closed sets (a way, a verdict, a state) are checked here. Names of sets that grow with
--     the program (classes, kinds, clocks) are not: SQLite would need the whole table rebuilt
--     for each new word.
--   * STRICT, because SQLite otherwise stores the text 'many' in an INTEGER column.

-- "giao" in ASCII. Tells our files from those of other programs, so that a mistyped path never
-- migrates somebody else's database.
PRAGMA application_id = 0x6769616f;

-- This database's own name, made with it. A directory of evidence is bound to it: what a database
-- does not know is swept from its directory, so the two must never be mixed up.
CREATE TABLE installation (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    id TEXT NOT NULL CHECK (length(id) = 32)
) STRICT;
INSERT INTO installation VALUES (1, lower(hex(randomblob(16))));

-- Register -------------------------------------------------------------------------------------

-- A ward or commune of the town.
CREATE TABLE units (
    name TEXT PRIMARY KEY CHECK (name <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('ward', 'commune')),
    -- The ward that took over in the reform of 1 July 2025. Cases of acts before and after that day
    -- go to different offices, so the old name must stay.
    successor TEXT
) STRICT;

-- A place with cameras.
CREATE TABLE points (
    id TEXT PRIMARY KEY CHECK (id <> ''),
    -- As it stands on evidence and forms, in Vietnamese.
    name TEXT NOT NULL,
    unit TEXT REFERENCES units (name),
    -- WGS 84 degrees; NULL until somebody has surveyed the place.
    latitude REAL CHECK (latitude BETWEEN -90 AND 90),
    longitude REAL CHECK (longitude BETWEEN -180 AND 180),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
) STRICT;
CREATE INDEX points_by_unit ON points (unit);

CREATE TABLE cameras (
    id TEXT PRIMARY KEY CHECK (id <> ''),
    -- NULL where footage of the camera was analysed before anybody registered it: analysis must
    -- not wait for paperwork.
    point TEXT REFERENCES points (id),
    -- What it looks at and is for, in the operator's words.
    role TEXT
) STRICT;
CREATE INDEX cameras_by_point ON cameras (point);

-- What an operator drew, kept for ever: a run without its scene could not be explained in court.
CREATE TABLE scene_versions (
    camera TEXT NOT NULL REFERENCES cameras (id),
    -- Of the file's bytes. The same drawing on two cameras is two versions.
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    -- The whole file, comments and all, so that the hash can be made again.
    toml TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    who TEXT NOT NULL CHECK (who <> ''),
    -- Why it was changed.
    note TEXT NOT NULL,
    PRIMARY KEY (camera, sha256)
) STRICT;

-- Analysis -------------------------------------------------------------------------------------

-- One analysis of one source under one scene with one model.
CREATE TABLE runs (
    -- AUTOINCREMENT: an id is never used again. A program whose run was taken over by another
    -- therefore finds no run of its id and is refused, instead of writing into a stranger's.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    camera TEXT NOT NULL REFERENCES cameras (id),
    -- The file's name or the address without its password: for people, never to open.
    source_name TEXT NOT NULL,
    -- What was analysed, whatever it is called.
    source_sha256 TEXT NOT NULL CHECK (length(source_sha256) = 64),
    scene_sha256 TEXT NOT NULL,
    -- The model's name in the registry, which holds its checksum.
    model TEXT NOT NULL,
    program_version TEXT NOT NULL,
    started_at_us INTEGER NOT NULL,
    finished_at_us INTEGER,
    -- 'running' also after the power went: nobody was there to say otherwise. The next run of the
    -- same work takes it over.
    state TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'complete', 'failed')),
    -- Why it failed.
    failure TEXT,
    -- When the source's first frame was taken, and by which clock. With clock 'unknown' it is 0, and
    -- every `_at_us` of this run counts from there: 1970 is nobody's rush hour.
    origin_at_us INTEGER NOT NULL,
    origin_clock TEXT NOT NULL,
    -- How far off that clock may be; NULL where nobody can say.
    origin_uncertainty_s REAL CHECK (origin_uncertainty_s >= 0),
    -- Frames analysed and the length of the source. NULL until the run is complete.
    frames INTEGER CHECK (frames >= 0),
    media_duration_us INTEGER CHECK (media_duration_us >= 0),
    FOREIGN KEY (camera, scene_sha256) REFERENCES scene_versions (camera, sha256),
    CHECK ((state = 'running') = (finished_at_us IS NULL)),
    CHECK ((state = 'failed') = (failure IS NOT NULL)),
    CHECK (state <> 'complete' OR (frames IS NOT NULL AND media_duration_us IS NOT NULL)),
    -- For the pair of foreign keys below that hold a row's camera to its run's.
    UNIQUE (id, camera)
) STRICT;
-- At most one unfinished run of the same work: two programs that start it at once cannot both.
CREATE UNIQUE INDEX runs_unfinished ON runs (camera, source_sha256, scene_sha256, model)
    WHERE state <> 'complete';
-- Finds the run that speaks for a source (see `counts`).
CREATE INDEX runs_by_source ON runs (camera, source_sha256, id);

-- A road user over its whole time, in one row. Its boxes frame by frame stand in tracks.jsonl:
-- in here they would be a thousand times the rest.
CREATE TABLE tracks (
    run INTEGER NOT NULL REFERENCES runs (id),
    -- Numbered from 1 within the run.
    track INTEGER NOT NULL CHECK (track > 0),
    class TEXT NOT NULL,
    -- The share of votes that its class got.
    class_share REAL NOT NULL CHECK (class_share BETWEEN 0 AND 1),
    first_frame INTEGER NOT NULL,
    last_frame INTEGER NOT NULL CHECK (last_frame >= first_frame),
    first_us INTEGER NOT NULL,
    last_us INTEGER NOT NULL CHECK (last_us >= first_us),
    -- Frames in which it was really seen, not predicted.
    detections INTEGER NOT NULL CHECK (detections > 0),
    mean_score REAL NOT NULL,
    -- Where it came from and went to: [x1, y1, x2, y2] in pixels. For pictures, never searched.
    first_box TEXT NOT NULL CHECK (json_array_length(first_box) = 4),
    last_box TEXT NOT NULL CHECK (json_array_length(last_box) = 4),
    PRIMARY KEY (run, track)
) STRICT;

-- A track passed a line. The key is the rule of counting: one for a track, a line and a way.
CREATE TABLE crossings (
    run INTEGER NOT NULL,
    track INTEGER NOT NULL CHECK (track > 0),
    line TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('forward', 'back')),
    -- Its run's, held to it by the foreign key. Said again so that an index finds one line's hour
    -- without walking every run.
    camera TEXT NOT NULL,
    frame INTEGER NOT NULL,
    media_us INTEGER NOT NULL,
    -- The run's origin and `media_us` together, for the same reason.
    crossed_at_us INTEGER NOT NULL,
    class TEXT NOT NULL,
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    -- Where, in pixels of the full picture.
    x REAL NOT NULL,
    y REAL NOT NULL,
    -- When hysteresis was satisfied: before that it was only a change of sides.
    confirmed_frame INTEGER NOT NULL CHECK (confirmed_frame >= frame),
    confirmed_us INTEGER NOT NULL CHECK (confirmed_us >= media_us),
    -- The movement that it completes; most complete none.
    movement TEXT,
    -- NULL without a surveyed calibration.
    speed_kmh REAL CHECK (speed_kmh >= 0),
    PRIMARY KEY (run, track, line, way),
    FOREIGN KEY (run, camera) REFERENCES runs (id, camera)
) STRICT;
CREATE INDEX crossings_by_place_and_time ON crossings (camera, line, crossed_at_us);

-- Which spans of the world's time a run really analysed. Counts without them could not be trusted:
-- two files of the same minutes would count every rider twice, and nothing would show it.
CREATE TABLE coverage (
    run INTEGER NOT NULL,
    camera TEXT NOT NULL,
    from_at_us INTEGER NOT NULL,
    until_at_us INTEGER NOT NULL CHECK (until_at_us > from_at_us),
    PRIMARY KEY (run, from_at_us),
    FOREIGN KEY (run, camera) REFERENCES runs (id, camera)
) STRICT;
CREATE INDEX coverage_by_camera_and_time ON coverage (camera, from_at_us);

-- Road users over a line, a quarter of an hour at a time, as one run counted them. Of several runs
-- of one source only the newest complete one speaks; the query chooses it, so that an older answer
-- can still be compared.
CREATE TABLE counts (
    run INTEGER NOT NULL,
    camera TEXT NOT NULL,
    line TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('forward', 'back')),
    -- NULL: those that completed no movement at this line.
    movement TEXT,
    class TEXT NOT NULL,
    -- Start of the quarter, of the hour in UTC. Viet Nam is 7 whole hours ahead: quarters agree.
    quarter_at_us INTEGER NOT NULL CHECK (quarter_at_us % 900000000 = 0),
    count INTEGER CHECK (count >= 0),
    -- The share of the quarter that was really analysed.
    coverage REAL NOT NULL CHECK (coverage BETWEEN 0 AND 1),
    -- The invariant of all statistics: no video is not "0 vehicles".
    CHECK ((coverage > 0) = (count IS NOT NULL)),
    FOREIGN KEY (run, camera) REFERENCES runs (id, camera)
) STRICT;
-- Not a primary key because `movement` may be NULL, and NULLs are never equal to one another.
CREATE UNIQUE INDEX counts_once
    ON counts (run, line, way, COALESCE(movement, ''), class, quarter_at_us);
CREATE INDEX counts_by_camera_and_time ON counts (camera, quarter_at_us);

-- Proof ----------------------------------------------------------------------------------------

-- What a rule fired on: a candidate, never a statement of guilt.
CREATE TABLE violations (
    -- Made from camera, source, scene, rule, frame and track, so that a second analysis of the same
    -- footage finds the same id and adds no second case. Also the name of the evidence's folder.
    id TEXT PRIMARY KEY CHECK (id <> ''),
    -- The run that found it, or that took over the one that did.
    run INTEGER NOT NULL,
    camera TEXT NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    track INTEGER NOT NULL CHECK (track > 0),
    class TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('sure', 'insufficient')),
    act_frame INTEGER NOT NULL CHECK (act_frame >= 0),
    act_media_us INTEGER NOT NULL,
    act_at_us INTEGER NOT NULL,
    -- The rule's whole account, as JSON: reasons, boxes, times into red, sanction. The signed
    -- manifest holds the same and is what counts; this is for the screen.
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    created_at_us INTEGER NOT NULL,
    -- Checked at the end of a transaction: taking a run over removes the old one before the new one
    -- is there for its violations to move to.
    FOREIGN KEY (run, camera) REFERENCES runs (id, camera) DEFERRABLE INITIALLY DEFERRED
) STRICT;
-- `id` at the end: pages are cut by (act_at_us, id), and many acts can share an instant.
CREATE INDEX violations_by_time ON violations (act_at_us, id);
CREATE INDEX violations_by_camera ON violations (camera, act_at_us, id);
CREATE INDEX violations_by_kind ON violations (kind, act_at_us, id);
CREATE INDEX violations_by_camera_and_kind ON violations (camera, kind, act_at_us, id);
CREATE INDEX violations_by_run ON violations (run);

-- The proof of a violation, as a link of one chain. Files are synced before a row is written, and
-- the violation and this row are one transaction: neither is ever there alone.
CREATE TABLE evidence (
    violation_id TEXT PRIMARY KEY REFERENCES violations (id),
    -- The place in the chain, from 1, without gaps.
    sequence INTEGER NOT NULL UNIQUE CHECK (sequence > 0),
    -- Under the evidence folder; relative, so that the whole can be moved.
    folder TEXT NOT NULL UNIQUE CHECK (folder <> ''),
    manifest_sha256 TEXT NOT NULL UNIQUE CHECK (length(manifest_sha256) = 64),
    -- The manifest before; NULL for the first alone. UNIQUE: no manifest has two successors, so the
    -- chain cannot fork, whoever writes.
    previous_sha256 TEXT UNIQUE REFERENCES evidence (manifest_sha256),
    CHECK ((sequence = 1) = (previous_sha256 IS NULL))
) STRICT;

-- What people and programs did. Each entry's hash covers the entry and the hash before, so that a
-- change anywhere breaks everything after it.
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
    at_us INTEGER NOT NULL,
    -- The account, or `giaolo analyse` and the like for what the program did by itself.
    who TEXT NOT NULL CHECK (who <> ''),
    action TEXT NOT NULL CHECK (action <> ''),
    -- What it was done to: a violation's id, a camera.
    subject TEXT NOT NULL,
    -- JSON as text, in PostgreSQL too: the hash is over these very bytes, and JSONB would order the
    -- keys its own way.
    detail TEXT NOT NULL CHECK (json_valid(detail)),
    -- 64 zeros for the first. UNIQUE for the reason given at `evidence`.
    previous_hash TEXT NOT NULL UNIQUE CHECK (length(previous_hash) = 64),
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)
) STRICT;

-- Links of both chains are added and never changed. The hashes would show a change; these stop one
-- that is only a mistake.
CREATE TRIGGER evidence_is_not_changed BEFORE UPDATE ON evidence
    BEGIN SELECT RAISE(ABORT, 'evidence is never changed'); END;
CREATE TRIGGER evidence_is_not_removed BEFORE DELETE ON evidence
    BEGIN SELECT RAISE(ABORT, 'evidence is never removed'); END;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is never shortened'); END;
