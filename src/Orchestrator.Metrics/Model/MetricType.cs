namespace Orchestrator.Metrics;

/// <summary>The type of a <see cref="MetricFamily"/>: one of the eight types of OpenMetrics 1.0.</summary>
public enum MetricType
{
    /// <summary>A value whose type is not known; <c>untyped</c> in the Prometheus text formats.</summary>
    Unknown,

    /// <summary>A value that can go up and down.</summary>
    Gauge,

    /// <summary>A value that only increases, or restarts at zero.</summary>
    Counter,

    /// <summary>The count and sum of observations, and optionally their quantiles.</summary>
    Summary,

    /// <summary>Observations, counted in cumulative buckets.</summary>
    Histogram,

    /// <summary>A histogram whose bucket counts can go down, for example of the ages of the items in a queue.</summary>
    GaugeHistogram,

    /// <summary>Facts as labels of a sample whose value is 1, such as a version.</summary>
    Info,

    /// <summary>Named states, each of which is on or off.</summary>
    StateSet,
}
