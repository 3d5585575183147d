namespace Orchestrator.Metrics.Model;

/// <summary>
/// The suffix that a sample name adds to the name of its family. A combination of suffixes selects samples.
/// </summary>
[Flags]
internal enum SampleSuffix : byte
{
    Main = 1,
    Created = 2,
    Bucket = 4,
    Count = 8,
    Sum = 16,
    GaugeCount = 32,
    GaugeSum = 64,
    All = 127,
}

internal static class SampleSuffixes
{
    private const string Total = "_total";
    private const string Info = "_info";

    // The suffixes that become separate families in Prometheus text are sorted by name.
    public static readonly SampleSuffix[] Each =
    [
        SampleSuffix.Main, SampleSuffix.Bucket, SampleSuffix.Count, SampleSuffix.Sum,
        SampleSuffix.Created, SampleSuffix.GaugeCount, SampleSuffix.GaugeSum,
    ];

    // Indexed by the type. Must follow Each, because static fields are initialized in the order of the source.
    private static readonly SampleSuffix[][] ByType =
    [
        .. Enum.GetValues<MetricType>().Order()
            .Select(type => Array.FindAll(Each, suffix => (suffix & CombineSuffixes(type)) != 0)),
    ];

    public static readonly HashSet<string> Texts =
        [.. Enum.GetValues<MetricType>().SelectMany(type => GetSuffixes(type).Select(suffix => suffix.GetText(type)))];

    public static IReadOnlyList<SampleSuffix> GetSuffixes(MetricType type) => ByType[(int)type];

    public static string GetText(this SampleSuffix suffix, MetricType type) => suffix switch
    {
        SampleSuffix.Created => "_created",
        SampleSuffix.Bucket => "_bucket",
        SampleSuffix.Count => "_count",
        SampleSuffix.Sum => "_sum",
        SampleSuffix.GaugeCount => "_gcount",
        SampleSuffix.GaugeSum => "_gsum",
        _ when type == MetricType.Counter => Total,
        _ when type == MetricType.Info => Info,
        _ => "",
    };

    public static string RemoveTotal(string name) => RemoveSuffix(Total, name);

    public static string RemoveInfo(string name) => RemoveSuffix(Info, name);

    private static SampleSuffix CombineSuffixes(MetricType type) => type switch
    {
        MetricType.Counter => SampleSuffix.Main | SampleSuffix.Created,
        MetricType.Summary => SampleSuffix.Main | SampleSuffix.Count | SampleSuffix.Sum | SampleSuffix.Created,
        MetricType.Histogram => SampleSuffix.Bucket | SampleSuffix.Count | SampleSuffix.Sum | SampleSuffix.Created,
        MetricType.GaugeHistogram => SampleSuffix.Bucket | SampleSuffix.GaugeCount | SampleSuffix.GaugeSum,
        _ => SampleSuffix.Main,
    };

    private static string RemoveSuffix(string suffix, string name) =>
        name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;
}
