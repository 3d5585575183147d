namespace Orchestrator.Metrics;

/// <summary>
/// Options of the collector that exports .NET meters: <c>services.Configure&lt;MeterCollectorOptions&gt;(...)</c>. Read
/// once, at the first scrape. Values of the configuration section <c>OrchestratorMetrics:Meters</c>, whose keys are the
/// names of the properties, override values set in code.
/// </summary>
public sealed class MeterCollectorOptions
{
    /// <summary>
    /// The strategy that translates the names of instruments and tags.
    /// <see cref="TranslationStrategy.UnderscoreEscapingWithSuffixes"/> by default.
    /// </summary>
    public TranslationStrategy TranslationStrategy { get; set; }

    /// <summary>
    /// Whether counters and histograms include a <c>_created</c> sample with the time at which the SDK started to
    /// measure the instrument. True by default. Doubles the number of counter samples.
    /// </summary>
    public bool CreatedTimestamps { get; set; } = true;

    /// <summary>
    /// Whether series contain the labels <c>otel_scope_name</c>, <c>otel_scope_version</c>,
    /// <c>otel_scope_schema_url</c> and one for each tag of the meter. True by default. Without them, equal series of
    /// two meters are an error.
    /// </summary>
    public bool ScopeLabels { get; set; } = true;

    /// <summary>
    /// Whether the info <c>target_info</c> contains the attributes of the OpenTelemetry resource. True by default.
    /// </summary>
    public bool TargetInfo { get; set; } = true;
}
