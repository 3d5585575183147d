namespace Orchestrator.Metrics;

/// <summary>The type of a <see cref="MetricFamily"/>: the eight types of OpenMetrics 1.0.</summary>
public enum MetricType
{
    /// <summary>A value that may go up and down.</summary>
    Gauge,

    /// <summary>A value that only grows, or starts again at zero.</summary>
    Counter,

    /// <summary>A count and a sum of observations, and optionally quantiles of them.</summary>
    Summary,

    /// <summary>Observations counted into cumulative buckets.</summary>
    Histogram,

    /// <summary>A histogram whose buckets may shrink, such as the ages of the items in a queue.</summary>
    GaugeHistogram,

    /// <summary>Facts that are labels of a constant 1, such as a version.</summary>
    Info,

    /// <summary>Named states, each of which is on or off.</summary>
    StateSet,

    /// <summary>A value of a type that the collector does not know.</summary>
    Unknown,
}
