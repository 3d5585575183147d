-- Rows for the tables of orchestrator-core (tests/Shared/golden/orchestrator-db/schema.sql): :processes processes in
-- groups of 10 products x :customers customers x 40 workflows x 2 creators.

-- All references are valid, so foreign keys are not checked one by one.
SET session_replication_role = replica;

INSERT INTO products (name, description, product_type, tag, status)
SELECT 'Product ' || i, '', 'Type', 'TAG', 'active' FROM generate_series(1, 10) i;

INSERT INTO workflows (name, target, description)
SELECT 'modify_something_' || i, (ARRAY['CREATE', 'MODIFY', 'SYSTEM', 'TERMINATE'])[1 + i % 4], ''
FROM generate_series(1, 40) i;

CREATE TEMPORARY TABLE product_numbers AS SELECT product_id, row_number() OVER () - 1 AS n FROM products;
CREATE TEMPORARY TABLE workflow_numbers AS SELECT workflow_id, row_number() OVER () - 1 AS n FROM workflows;

INSERT INTO subscriptions (description, status, product_id, customer_id, insync)
SELECT '', (ARRAY['active', 'provisioning', 'terminated'])[1 + i % 3], p.product_id,
       '8d3f6f0e-1a2b-4c3d-9e8f-' || lpad((i / 10 % :customers)::text, 12, '0'), i % 20 <> 0
FROM generate_series(1, 20000) i JOIN product_numbers p ON p.n = i % 10;

CREATE TEMPORARY TABLE subscription_numbers AS
SELECT subscription_id, row_number() OVER () - 1 AS n FROM subscriptions;

-- The values are random, but the same in each run.
SELECT setseed(0.5);
CREATE TEMPORARY TABLE process_rows AS
SELECT gen_random_uuid() AS pid, floor(random() * 20000)::int AS subscription, floor(random() * 40)::int AS workflow,
       i % 2 AS creator, timestamptz '2026-01-01' + i * interval '1 second' AS started_at, random() * 4000 AS seconds
FROM generate_series(1, :processes) i;

INSERT INTO processes (pid, last_status, started_at, last_modified_at, created_by, is_task, workflow_id)
SELECT r.pid, CASE WHEN r.workflow % 10 = 0 THEN 'failed' ELSE 'completed' END, r.started_at,
       r.started_at + r.seconds * interval '1 second', CASE WHEN r.creator = 0 THEN 'SYSTEM' END, r.workflow % 4 = 2,
       w.workflow_id
FROM process_rows r JOIN workflow_numbers w ON w.n = r.workflow;

INSERT INTO processes_subscriptions (pid, subscription_id)
SELECT r.pid, s.subscription_id FROM process_rows r JOIN subscription_numbers s ON s.n = r.subscription;
