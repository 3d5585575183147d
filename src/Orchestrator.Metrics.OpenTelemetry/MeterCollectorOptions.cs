namespace Orchestrator.Metrics;

/// <summary>
/// Options of the collector that exports .NET meters: <c>services.Configure&lt;MeterCollectorOptions&gt;(...)</c>. Read
/// once, when the host starts. Values of the configuration section <c>OrchestratorMetrics:Meters</c> override values
/// set in code. Its keys are the property names.
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
    /// measure the instrument. True by default. Doubles the number of counter samples. The sample is omitted if another
    /// instrument uses its name.
    /// </summary>
    public bool CreatedTimestamps { get; set; } = true;

    /// <summary>
    /// Whether series contain the labels <c>otel_scope_name</c>, <c>otel_scope_version</c>,
    /// <c>otel_scope_schema_url</c> and one for each tag of the meter. True by default. Without them, equal series of
    /// two meters are an error.
    /// </summary>
    public bool ScopeLabels { get; set; } = true;

    /// <summary>
    /// Whether the attributes of the OpenTelemetry resource are exported as the info <c>target_info</c>. True by
    /// default.
    /// </summary>
    public bool TargetInfo { get; set; } = true;
}
