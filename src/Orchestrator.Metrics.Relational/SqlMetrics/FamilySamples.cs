namespace Orchestrator.Metrics.Relational.SqlMetrics;

/// <summary>Collects the samples of one metric family. Not thread-safe.</summary>
internal sealed class FamilySamples
{
    private readonly SqlMetricFamily _definition;
    private readonly MetricFamily? _family;

    // Used for several definitions, whose labels may differ, and for a counter whose name MetricFamily does not allow.
    private readonly MetricFamilyBuilder? _builder;
    private int _added;

    public FamilySamples(SqlMetricFamily definition, bool isShared)
    {
        _definition = definition;
        if (isShared || SqlMetricFamilyRules.IsForeignCounter(definition))
            _builder = SqlMetricFamilyRules.CreateBuilder(definition);
        else
            _family = SqlMetricFamilyRules.Create(definition);
    }

    /// <summary>The number of samples. With several definitions, a histogram counts as one sample.</summary>
    public int Count => _family?.SampleCount ?? _added;

    public MetricFamily ToFamily() => _builder?.Build() ?? _family!;

    public void Add(double value, string[] labelNames, string[] labelValues, DateTimeOffset? timestamp)
    {
        // A builder does not validate, so a counter without '_total' may have any value.
        if (SqlMetricFamilyRules.IsForeignCounter(_definition))
        {
            _builder!.AddSample(_definition.Name, value, Pair(labelNames, labelValues), timestamp);
            _added++;
        }
        else if (_family is not null && timestamp is null)
        {
            _family.Add(value, labelValues);
        }
        else
        {
            Add(
                _definition.Type switch
                {
                    MetricType.Counter => MetricPoint.Counter(value, timestamp: timestamp),
                    MetricType.Gauge => MetricPoint.Gauge(value, timestamp),
                    _ => MetricPoint.Unknown(value, timestamp),
                },
                labelNames, labelValues);
        }
    }

    public void Add(MetricPoint point, string[] labelNames, string[] labelValues)
    {
        _added++;
        if (_family is not null)
            _family.Add(point, labelValues);
        else
            _builder!.AddPoint(point, Pair(labelNames, labelValues));
    }

    private static IEnumerable<KeyValuePair<string, string>> Pair(string[] names, string[] values) =>
        names.Zip(values, KeyValuePair.Create);
}
