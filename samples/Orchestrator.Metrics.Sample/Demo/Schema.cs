namespace Sample.Demo;

/// <summary>
/// The tables of orchestrator-core that contain the data of the metrics, a table of licences, and the recent history of
/// the simulated engine. SQLite lacks some types: UUIDs are strings, Booleans are 0 and 1, and times are integers in
/// microseconds since the Unix epoch.
/// </summary>
internal static class Schema
{
    public const string Sql = """
        CREATE TABLE products (
            product_id   TEXT    NOT NULL PRIMARY KEY,
            name         TEXT    NOT NULL UNIQUE,
            description  TEXT    NOT NULL,
            product_type TEXT    NOT NULL,
            tag          TEXT    NOT NULL,
            status       TEXT    NOT NULL,
            created_at   INTEGER NOT NULL DEFAULT (unixepoch() * 1000000),
            end_date     INTEGER
        ) STRICT;

        CREATE TABLE workflows (
            workflow_id TEXT    NOT NULL PRIMARY KEY,
            name        TEXT    NOT NULL UNIQUE,
            target      TEXT    NOT NULL,
            description TEXT    NOT NULL,
            created_at  INTEGER NOT NULL DEFAULT (unixepoch() * 1000000),
            deleted_at  INTEGER,
            is_task     INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE subscriptions (
            subscription_id TEXT    NOT NULL PRIMARY KEY,
            description     TEXT    NOT NULL,
            status          TEXT    NOT NULL,
            product_id      TEXT    NOT NULL REFERENCES products (product_id),
            customer_id     TEXT    NOT NULL,
            insync          INTEGER NOT NULL,
            start_date      INTEGER,
            end_date        INTEGER,
            note            TEXT,
            version         INTEGER NOT NULL DEFAULT 1
        ) STRICT;
        CREATE INDEX ix_subscriptions_status ON subscriptions (status);

        CREATE TABLE processes (
            pid              TEXT    NOT NULL PRIMARY KEY,
            assignee         TEXT    NOT NULL DEFAULT 'SYSTEM',
            last_status      TEXT    NOT NULL,
            last_step        TEXT,
            started_at       INTEGER NOT NULL DEFAULT (unixepoch() * 1000000),
            last_modified_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000000),
            failed_reason    TEXT,
            traceback        TEXT,
            created_by       TEXT,
            is_task          INTEGER NOT NULL DEFAULT 0,
            workflow_id      TEXT    NOT NULL REFERENCES workflows (workflow_id),
            note             TEXT
        ) STRICT;

        CREATE TABLE processes_subscriptions (
            id              TEXT    NOT NULL PRIMARY KEY,
            pid             TEXT    NOT NULL REFERENCES processes (pid) ON DELETE CASCADE,
            subscription_id TEXT    NOT NULL REFERENCES subscriptions (subscription_id),
            created_at      INTEGER NOT NULL DEFAULT (unixepoch() * 1000000),
            workflow_target TEXT    DEFAULT 'CREATE'
        ) STRICT;
        CREATE INDEX processes_subscriptions_ix ON processes_subscriptions (pid, subscription_id);

        CREATE TABLE engine_settings (
            global_lock INTEGER NOT NULL PRIMARY KEY
        ) STRICT;
        INSERT INTO engine_settings (global_lock) VALUES (0);

        CREATE TABLE licences (
            licence_id      INTEGER NOT NULL PRIMARY KEY,
            vendor          TEXT    NOT NULL,
            subscription_id TEXT    REFERENCES subscriptions (subscription_id)
        ) STRICT;

        CREATE TABLE engine_history (
            recorded_at INTEGER NOT NULL PRIMARY KEY,
            running     INTEGER NOT NULL,
            global_lock INTEGER NOT NULL
        ) STRICT;
        """;
}
