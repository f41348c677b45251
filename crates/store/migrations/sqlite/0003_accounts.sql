-- Who may sign in, who tried, and who is signed in.

-- A person. Never removed: decisions and the audit log name people for as long as there are cases.
-- Who has left is disabled.
CREATE TABLE accounts (
    -- What is typed at sign-in and what stands in the audit log. Lower case, so that no two accounts
    -- look alike.
    name TEXT PRIMARY KEY
        CHECK (length(name) BETWEEN 1 AND 60 AND name NOT GLOB '*[^a-z0-9._-]*'),
    full_name TEXT NOT NULL CHECK (full_name <> ''),
    -- The whole PHC string with algorithm, cost and salt. Anything else would be a password that
    -- somebody forgot to hash.
    password TEXT NOT NULL CHECK (password LIKE '$argon2%'),
    -- A JSON array of words.
    roles TEXT NOT NULL CHECK (json_type(roles) = 'array'),
    -- A JSON array of names in `units`; empty: the whole town.
    units TEXT NOT NULL CHECK (json_type(units) = 'array'),
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    -- Rises with each change of password, roles, units or `disabled`. A session begun under an
    -- earlier one is over.
    version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at_us INTEGER NOT NULL,
    created_by TEXT NOT NULL CHECK (created_by <> ''),
    changed_at_us INTEGER NOT NULL,
    changed_by TEXT NOT NULL CHECK (changed_by <> ''),
    last_sign_in_at_us INTEGER
) STRICT;
CREATE TRIGGER accounts_are_not_removed BEFORE DELETE ON accounts
    BEGIN SELECT RAISE(ABORT, 'accounts are disabled, never removed'); END;

-- Who tried to sign in. Written before the password is looked at, as wrong, and corrected after: a
-- hundred guesses at once must not pass a gate that none of them has closed yet. Kept for a day.
CREATE TABLE sign_in_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256 of the name as typed: people type passwords into the wrong field.
    name_sha256 TEXT NOT NULL CHECK (length(name_sha256) = 64),
    -- The network address that it came from.
    address TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    -- 'refused': the account was locked. Only the first of a lock is kept; it counts for nothing else.
    outcome TEXT NOT NULL CHECK (outcome IN ('wrong', 'right', 'refused'))
) STRICT;
CREATE INDEX sign_in_attempts_by_name ON sign_in_attempts (name_sha256, at_us);
CREATE INDEX sign_in_attempts_by_address ON sign_in_attempts (address, at_us);
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (at_us);

CREATE TABLE sessions (
    -- Of the cookie's token. Whoever reads this table cannot sign in with it.
    token_sha256 TEXT PRIMARY KEY CHECK (length(token_sha256) = 64),
    account TEXT NOT NULL REFERENCES accounts (name),
    account_version INTEGER NOT NULL,
    -- What the screens send back with each change.
    csrf TEXT NOT NULL CHECK (csrf <> ''),
    created_at_us INTEGER NOT NULL,
    -- To the minute: a write for every request would be most of the database's work.
    last_seen_at_us INTEGER NOT NULL,
    expires_at_us INTEGER NOT NULL CHECK (expires_at_us > created_at_us),
    ended_at_us INTEGER
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);
CREATE INDEX sessions_by_end ON sessions (expires_at_us);
