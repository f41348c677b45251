//! Reads and writes the files of others: tracks.jsonl, OpenTrafficCam's .ottrk, .otflow and .otevents.
