-- What the register says of a camera beyond its place.

-- What its material may be used for: a household's camera is a source of information, never an
-- enforcement device. NULL: nobody has said.
ALTER TABLE cameras ADD COLUMN source_class TEXT CHECK (source_class IN ('professional_device',
    'traffic_surveillance_system', 'state_security_camera', 'citizen_data'));
-- NULL: nobody has said.
ALTER TABLE cameras ADD COLUMN state TEXT CHECK (state IN ('working', 'waiting_for_repair', 'planned',
    'offline'));

-- How many cases of a camera wait.
CREATE INDEX cases_by_camera ON cases (camera, state);
-- All that a table of counts asks of a row. Without it, a month of one camera is a hundred thousand
-- rows fetched one by one.
CREATE INDEX counts_for_tables ON counts (camera, quarter_at_us, line, way, run, class, movement, count,
    coverage);
DROP INDEX counts_by_camera_and_time;
