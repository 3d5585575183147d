"""A custom collector of prometheus_client, like those of orchestrator-core. See PeerProgram.cs."""
import sys
import time

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

NAMES = ["created_by", "customer_id", "is_task", "last_status", "product_name", "workflow_name", "workflow_target"]

with open(sys.argv[1], encoding="utf-8") as file:
    ROWS = [line.rstrip("\n").split("\t") for line in file]
ROWS = [(row[:-1], float(row[-1])) for row in ROWS]


class RowsCollector:
    def describe(self):
        return []

    def collect(self):
        family = GaugeMetricFamily("wfo_process_count", "Number of processes.", labels=NAMES)
        for labels, value in ROWS:
            family.add_metric(labels, value)
        yield family


registry = CollectorRegistry()
registry.register(RowsCollector())
for request in sys.stdin:
    start = time.perf_counter_ns()
    text = generate_latest(registry)
    elapsed = time.perf_counter_ns() - start
    if request.startswith("write "):
        with open(request[6:].strip(), "wb") as file:
            file.write(text)
    print(elapsed, -1, flush=True)
