//! Migrations, queries and the audit log, over SQLite or PostgreSQL.
