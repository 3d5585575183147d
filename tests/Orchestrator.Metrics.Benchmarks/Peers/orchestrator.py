"""A Python endpoint like that of orchestrator-core: each scrape counts all rows. Arguments: connection string, port."""
import sys
import threading

import psycopg
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, StateSetMetricFamily

SUBSCRIPTIONS = """
SELECT p.name, s.status, s.customer_id, s.insync, count(s.subscription_id)
FROM subscriptions s LEFT JOIN products p ON p.product_id = s.product_id
GROUP BY s.status, s.customer_id, s.insync, p.name
"""
PROCESSES = """
SELECT r.last_status, r.created_by, r.is_task, p.name, w.name, s.customer_id, w.target, count(w.name),
       coalesce(sum(extract(epoch FROM r.last_modified_at - r.started_at)), 0)
FROM processes r
JOIN workflows w ON w.workflow_id = r.workflow_id
JOIN processes_subscriptions l ON l.pid = r.pid
JOIN subscriptions s ON s.subscription_id = l.subscription_id
JOIN products p ON p.product_id = s.product_id
GROUP BY r.last_status, r.created_by, r.is_task, p.name, w.name, s.customer_id, w.target
"""
LABELS = ["last_status", "created_by", "is_task", "product_name", "workflow_name", "customer_id", "workflow_target"]


class OrchestratorCollector:
    def __init__(self, database):
        self.database = database
        self.connection = psycopg.connect(database, autocommit=True)

    def describe(self):
        return []

    def query(self, sql):
        return self.connection.execute(sql).fetchall()

    def collect(self):
        subscriptions = GaugeMetricFamily(
            "wfo_subscriptions_count",
            "Number of subscriptions per product, lifecycle state, customer, and in sync state.",
            labels=["product_name", "lifecycle_state", "customer_id", "insync"])
        for *labels, insync, count in self.query(SUBSCRIPTIONS):
            subscriptions.add_metric([*labels, str(insync)], count)
        yield subscriptions

        counts = GaugeMetricFamily(
            "wfo_process_count",
            "Number of processes per status, creator, task, product, workflow, customer, and target.", labels=LABELS)
        seconds = GaugeMetricFamily(
            "wfo_process_seconds_total_count", "Total time spent on processes in seconds.", labels=LABELS)
        for *values, count, total in self.query(PROCESSES):
            labels = [value if isinstance(value, str) else str(value) for value in values]
            counts.add_metric(labels, count)
            seconds.add_metric(labels, total)
        yield counts
        yield seconds

        running = self.query("SELECT count(*) FROM processes WHERE last_status = 'running'")[0][0]
        locked = self.query("SELECT global_lock FROM engine_settings")[0][0]
        state = "RUNNING" if not locked else "PAUSING" if running else "PAUSED"
        yield StateSetMetricFamily(
            "wfo_engine_status", "Current workflow engine status.",
            {each: each == state for each in ("PAUSED", "PAUSING", "RUNNING")})
        yield GaugeMetricFamily(
            "wfo_active_process_count", "Number of currently running processes in the workflow engine.", value=running)


registry = CollectorRegistry()
registry.register(OrchestratorCollector(sys.argv[1]))
start_http_server(int(sys.argv[2]), "127.0.0.1", registry)
threading.Event().wait()
