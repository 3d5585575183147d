using OpenTelemetry;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics.Text;
using SdkMetricType = OpenTelemetry.Metrics.MetricType;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>An SDK metric with its family name and the labels of its series. Not thread-safe.</summary>
internal sealed class ExportedMetric
{
    // Few metrics have points with different tag keys. Beyond this number of layouts, the cache is cleared.
    private const int MaxLayouts = 64;

    private const string ScopePrefix = "otel_scope_";

    private static readonly string[] ScopeLabels =
        [ScopePrefix + "name", ScopePrefix + "version", ScopePrefix + "schema_url"];

    private readonly List<(string Key, string Value)> _scope = [];
    private readonly List<SeriesLabels> _layouts = [];
    private readonly string? _reserved;
    private SeriesLabels? _last;
    private bool _hasOverflowed;

    public ExportedMetric(Metric metric, MeterNames names, bool scopeLabels)
    {
        Metric = metric;
        Type = metric.MetricType switch
        {
            SdkMetricType.LongSum or SdkMetricType.DoubleSum => MetricType.Counter,
            SdkMetricType.Histogram or SdkMetricType.ExponentialHistogram => MetricType.Histogram,
            _ => MetricType.Gauge,
        };
        Names = names;
        _reserved = Type == MetricType.Histogram ? "le" : null;
        (FamilyName, Unit) = names.TranslateFamily(metric.Name, metric.Unit, Type == MetricType.Counter);
        var claimed = EscapedName.EscapeMetricName(FamilyName, EscapingScheme.Underscores);
        var hasTotal = Type == MetricType.Counter && FamilyName.EndsWith("_total", StringComparison.Ordinal);
        var withoutTotal = hasTotal ? claimed[..^"_total".Length] : claimed;
        ClaimedNames = hasTotal ? [claimed, withoutTotal] : [claimed];
        CreatedName = hasTotal || Type == MetricType.Histogram ? withoutTotal + "_created" : null;
        var meterTags = (metric.MeterTags ?? []).Select(tag => (tag.Key, Value: TagText.Format(tag.Value))).ToArray();
        string[] identity =
        [
            metric.MetricType.ToString(), metric.Name, metric.Unit, metric.Description, metric.MeterName,
            metric.MeterVersion, metric.MeterSchemaUrl, .. meterTags.SelectMany(tag => new[] { tag.Key, tag.Value }),
        ];
        Stream = string.Join('\0', identity);
        if (scopeLabels)
            AddScope(meterTags);
    }

    public Metric Metric { get; }

    public MeterNames Names { get; }

    public MetricType Type { get; }

    public string FamilyName { get; }

    public string Unit { get; }

    /// <summary>The names that no other family may have.</summary>
    public string[] ClaimedNames { get; }

    // The name of the creation times after escaping; null for a metric without them.
    public string? CreatedName { get; }

    /// <summary>Whether creation times are exported, which also depends on the other metrics of a batch.</summary>
    public bool HasCreated { get; set; }

    /// <summary>Whether no earlier batch contained the metric.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>The most recent family whose first metric was this one.</summary>
    public MetricFamily? PreviousFamily { get; set; }

    /// <summary>The properties that identify a metric in the SDK, except its instrument type and view.</summary>
    public string Stream { get; }

    public DateTimeOffset StartTime
    {
        get
        {
            foreach (ref readonly var point in Metric.GetMetricPoints())
                return point.StartTime;
            return default;
        }
    }

    /// <summary>Returns the labels with the values of a point. They are valid until the next call.</summary>
    public SeriesLabels GetLabels(ReadOnlyTagCollection tags)
    {
        if (_last?.TryFill(tags) == true)
            return _last;
        foreach (var layout in _layouts)
        {
            if (layout.TryFill(tags))
                return _last = layout;
        }

        if (_layouts.Count == MaxLayouts)
            _layouts.Clear();
        var keys = new List<string>(tags.Count);
        foreach (var tag in tags)
            keys.Add(tag.Key);
        _last = new SeriesLabels(_scope, [.. keys], Names, _reserved);
        _layouts.Add(_last);
        _last.TryFill(tags);
        return _last;
    }

    public bool TryMarkOverflowed() => !_hasOverflowed && (_hasOverflowed = true);

    public override string ToString() => $"instrument '{Metric.Name}' of meter '{Metric.MeterName}'";

    private void AddScope((string Key, string Value)[] meterTags)
    {
        Add(ScopeLabels[0], Metric.MeterName);
        Add(ScopeLabels[1], Metric.MeterVersion);
        Add(ScopeLabels[2], Metric.MeterSchemaUrl);
        foreach (var (key, value) in meterTags)
        {
            // The specification drops tags that would replace the labels above.
            if (!ScopeLabels.Contains(MeterNames.Escape(ScopePrefix + key, colons: false)))
                _scope.Add((ScopePrefix + key, value));
        }

        void Add(string label, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                _scope.Add((label, value));
        }
    }
}
