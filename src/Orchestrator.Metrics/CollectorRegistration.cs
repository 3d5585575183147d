using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Relabeling;

namespace Orchestrator.Metrics;

/// <summary>A registered collector, as passed to <see cref="ScrapeRequest.Predicate"/>. Immutable.</summary>
public sealed class CollectorRegistration
{
    private readonly Type? _type;
    private readonly Action<CollectorOptions>? _configure;

    internal CollectorRegistration(
        Type? type, Func<IServiceProvider, IMetricsCollector> factory, Action<CollectorOptions>? configure,
        IMetricsCollector? instance = null)
    {
        (_type, _configure) = (type, configure);
        var options = new CollectorOptions { Name = type is null ? "" : GetReadableName(type) };
        configure?.Invoke(options);
        OptionsValidator.ThrowIfInvalid(options);
        Factory = factory;
        Instance = instance;
        Name = options.Name;
        Tags = options.Tags.ToHashSet();
        Labels = new LabelPolicy(options);
        FamilyNames = options.FamilyNames?.Select(name => options.NamePrefix + name).ToArray();
        Timeout = options.Timeout;
        CacheFor = options.CacheFor;
        ServeStaleFor = options.ServeStaleFor;
        FailurePolicy = options.FailurePolicy;
        PublishToMeter = options.PublishToMeter;
        RefreshEvery = options.RefreshEvery;
        MaxRefreshShare = options.MaxRefreshShare;
        WaitForFirstResult = options.WaitForFirstResult;
        Shared = options.Shared;
        SharedVersion = options.SharedVersion;
        SharedSettings = options.SharedSettings;
    }

    /// <summary>The name of the collector; unique in its registry.</summary>
    public string Name { get; }

    /// <summary>The tags of the collector, see <see cref="CollectorOptions.Tags"/>; empty by default.</summary>
    public IReadOnlySet<string> Tags { get; }

    internal Func<IServiceProvider, IMetricsCollector> Factory { get; }

    /// <summary>The collector itself if it was registered as an instance.</summary>
    internal IMetricsCollector? Instance { get; }

    /// <summary>
    /// The declared <see cref="CollectorOptions.FamilyNames"/>, with <see cref="CollectorOptions.NamePrefix"/>; null if
    /// none are declared.
    /// </summary>
    public IReadOnlyList<string>? FamilyNames { get; }

    internal TimeSpan? Timeout { get; }

    internal TimeSpan CacheFor { get; }

    internal TimeSpan ServeStaleFor { get; }

    internal FailurePolicy? FailurePolicy { get; }

    internal bool PublishToMeter { get; }

    internal TimeSpan RefreshEvery { get; }

    /// <summary>Whether the collector runs in the background.</summary>
    internal bool IsRefreshed => RefreshEvery > TimeSpan.Zero;

    internal double MaxRefreshShare { get; }

    internal bool WaitForFirstResult { get; }

    internal bool Shared { get; }

    /// <summary>Whether other replicas may use the results: they are shared, and cached or refreshed.</summary>
    internal bool SharesResults => Shared && (CacheFor > TimeSpan.Zero || IsRefreshed);

    internal string SharedVersion { get; }

    internal Func<IEnumerable<string>> SharedSettings { get; }

    internal LabelPolicy Labels { get; }

    /// <summary>
    /// A hash of the options that determine a shared result. Equal options have the same hash in all replicas and
    /// versions.
    /// </summary>
    internal string SharedOptionsHash
    {
        get
        {
            string[] lines =
            [
                CacheFor.ToString("c", CultureInfo.InvariantCulture),
                RefreshEvery.ToString("c", CultureInfo.InvariantCulture),
                MaxRefreshShare.ToString("R", CultureInfo.InvariantCulture),
                .. Labels.Dropped.Order(StringComparer.Ordinal),
                "",
                .. FamilyNames?.Select(name => name[Labels.NamePrefix.Length..]) ?? [],
                "",
                SharedVersion,
                .. SharedSettings(),
            ];
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
            return Convert.ToHexStringLower(hash.AsSpan(0, 8));
        }
    }

    internal static CollectorRegistration ForInstance(IMetricsCollector collector, Action<CollectorOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(collector);
        return new(collector.GetType(), _ => collector, configure, collector);
    }

    /// <summary>Returns a copy of the registration with more options, which override earlier ones.</summary>
    internal CollectorRegistration With(Action<CollectorOptions> configure) =>
        new(_type, Factory, _configure + configure, Instance);

    /// <summary>Throws if this collector conflicts with a registered one.</summary>
    internal void RequireDistinctFrom(CollectorRegistration other)
    {
        RequireDistinctNameFrom(other);
        if (!Labels.IsDistinctFrom(other.Labels) && FamilyNames?.FirstOrDefault(other.Claims) is { } family)
            throw new InvalidOperationException(
                $"Collectors '{other.Name}' and '{Name}' both declare metric family '{family}'. Rename the family in " +
                $"one of them, distinguish their series with {nameof(CollectorOptions.AddLabels)}, or remove one " +
                "collector.");
    }

    /// <summary>Throws if this collector or its name is already registered.</summary>
    internal void RequireDistinctNameFrom(CollectorRegistration other)
    {
        if (Instance is not null && ReferenceEquals(Instance, other.Instance))
            throw new InvalidOperationException(
                $"This collector is already registered as '{other.Name}'. Register it once.");
        if (Name == other.Name)
            throw new InvalidOperationException(
                $"A collector named '{Name}' is already registered. Register it once, or set another name: " +
                "options => options.Name = \"...\".");
    }

    /// <summary>Returns whether the collector may return families or samples of one of these names.</summary>
    internal bool MayReturn(IReadOnlyCollection<string> names) =>
        FamilyNames is null || FamilyNames.Any(family => NameFilter.MaySelect(family, names));

    /// <summary>
    /// Returns whether the collector declares this family, whose name does not contain the prefix yet, or declares no
    /// families.
    /// </summary>
    internal bool Declares(MetricFamily family) =>
        FamilyNames is null || FamilyNames.Contains(Labels.NamePrefix + family.Name)
        || FamilyNames.Contains(Labels.NamePrefix + family.Name + SampleSuffix.Main.GetText(family.Type));

    /// <summary>Returns the name of a type in C# syntax, without its namespace.</summary>
    internal static string GetReadableName(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(GetReadableName))}>"
        : type.Name;

    // A counter may be declared with or without the suffix _total of its samples.
    private bool Claims(string name) => FamilyNames?.Any(
        claimed => SampleSuffixes.RemoveTotal(claimed) == SampleSuffixes.RemoveTotal(name)) == true;
}
