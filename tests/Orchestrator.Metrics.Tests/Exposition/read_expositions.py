"""Reads expositions from a JSON file with both parsers of prometheus_client, and prints the families as JSON.

Exits with 3 if prometheus_client is not installed.
"""
import json
import struct
import sys

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
    from prometheus_client.parser import text_string_to_metric_families as read_text
except ImportError as error:
    sys.exit(print(error, file=sys.stderr) or 3)


def format_number(value):
    value = float(value)
    return "nan" if value != value else struct.pack(">d", value).hex()


def describe_sample(s):
    e = s.exemplar
    return {
        "name": s.name,
        "labels": s.labels,
        "value": format_number(s.value),
        "milliseconds": None if s.timestamp is None else round(float(s.timestamp) * 1000),
        "exemplar": e and {
            "name": "",
            "labels": e.labels,
            "value": format_number(e.value),
            "milliseconds": None if e.timestamp is None else round(float(e.timestamp) * 1000),
        },
    }


def read(case):
    parse = read_openmetrics if case["openMetrics"] else read_text
    try:
        families = list(parse(case["text"]))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"families": [
        {"name": f.name, "type": f.type, "help": f.documentation, "unit": f.unit,
         "samples": [describe_sample(s) for s in f.samples]}
        for f in families]}


with open(sys.argv[1], encoding="utf-8") as cases:
    json.dump([read(case) for case in json.load(cases)], sys.stdout)
