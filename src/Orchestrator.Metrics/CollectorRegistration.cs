using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics;

/// <summary>
/// A registered collector, as <see cref="ScrapeRequest.Predicate"/> sees it. Immutable.
/// </summary>
public sealed class CollectorRegistration
{
    internal CollectorRegistration(
        Type? type, Func<IServiceProvider, IMetricsCollector> factory, Action<CollectorOptions>? configure,
        IMetricsCollector? instance = null)
    {
        var options = new CollectorOptions { Name = type is null ? "" : ReadableName(type) };
        configure?.Invoke(options);
        if (string.IsNullOrWhiteSpace(options.Name))
            throw new ArgumentException(
                "A collector needs a name for logs and errors. A type gives it one; a factory whose type is not " +
                "known does not: AddCollector(factory, options => options.Name = \"...\").", nameof(configure));
        RequireNotNegative(options.CacheFor, options, nameof(options.CacheFor));
        RequireNotNegative(options.ServeStaleFor, options, nameof(options.ServeStaleFor));
        if (options.Timeout <= TimeSpan.Zero || options.Timeout > OptionsValidator.MaxTimeout)
            throw Invalid(options, nameof(options.Timeout),
                "must be longer than zero and at most a day; null stands for the default");
        Factory = factory;
        Instance = instance;
        Name = options.Name;
        Tags = options.Tags.ToHashSet();
        FamilyNames = options.FamilyNames?.ToArray();
        if (FamilyNames?.Any(string.IsNullOrEmpty) == true)
            throw Invalid(options, nameof(options.FamilyNames), "holds an empty name");
        Timeout = options.Timeout;
        CacheFor = options.CacheFor;
        ServeStaleFor = options.ServeStaleFor;
    }

    /// <summary>The name of the collector; unique in its registry.</summary>
    public string Name { get; }

    /// <summary>The tags of the collector, see <see cref="CollectorOptions.Tags"/>; empty by default.</summary>
    public IReadOnlySet<string> Tags { get; }

    internal Func<IServiceProvider, IMetricsCollector> Factory { get; }

    /// <summary>The collector itself if it was registered as an instance.</summary>
    internal IMetricsCollector? Instance { get; }

    /// <summary>The declared names, see <see cref="CollectorOptions.FamilyNames"/>; null if none were declared.</summary>
    public IReadOnlyList<string>? FamilyNames { get; }

    internal TimeSpan? Timeout { get; }

    internal TimeSpan CacheFor { get; }

    internal TimeSpan ServeStaleFor { get; }

    internal static CollectorRegistration ForInstance(IMetricsCollector collector, Action<CollectorOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(collector);
        return new(collector.GetType(), _ => collector, configure, collector);
    }

    /// <summary>Returns the same registration with other options.</summary>
    internal CollectorRegistration With(Action<CollectorOptions> configure) => new(
        type: null,
        Factory,
        options =>
        {
            (options.Name, options.FamilyNames, options.Tags) = (Name, FamilyNames, Tags);
            (options.Timeout, options.CacheFor, options.ServeStaleFor) = (Timeout, CacheFor, ServeStaleFor);
            configure(options);
        },
        Instance);

    /// <summary>Throws if this collector cannot be registered beside another one.</summary>
    internal void RequireDistinctFrom(CollectorRegistration other)
    {
        if (Instance is not null && ReferenceEquals(Instance, other.Instance))
            throw new InvalidOperationException(
                $"This collector is registered already, as '{other.Name}'. Register it once.");
        if (Name == other.Name)
            throw new InvalidOperationException(
                $"A collector named '{Name}' is registered already. If it is the same, register it once; if it is " +
                "another one of the same type, give it a name of its own with options => options.Name = \"...\".");
        if (FamilyNames?.FirstOrDefault(other.Claims) is { } family)
            throw new InvalidOperationException(
                $"Collectors '{other.Name}' and '{Name}' both claim the metric family '{family}'. A family belongs " +
                "to one collector: rename it in one of them, or leave one of them out.");
    }

    /// <summary>Whether the collector may have families or samples of one of these names.</summary>
    internal bool MayHave(IReadOnlyCollection<string> names) =>
        FamilyNames is null || FamilyNames.Any(family => NameFilter.MaySelect(family, names));

    /// <summary>Whether the collector said that it may return this family, or said nothing.</summary>
    internal bool Declares(MetricFamily family) =>
        FamilyNames is null || FamilyNames.Contains(family.Name)
        || FamilyNames.Contains(family.Name + SampleSuffix.Main.Text(family.Type));

    /// <summary>Returns the name of a type as it is written in C#.</summary>
    internal static string ReadableName(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(ReadableName))}>"
        : type.Name;

    // A counter may be declared with or without what its samples end in.
    private bool Claims(string name) => FamilyNames?.Any(
        claimed => SampleSuffixes.WithoutTotal(claimed) == SampleSuffixes.WithoutTotal(name)) == true;

    private static void RequireNotNegative(TimeSpan value, CollectorOptions options, string option)
    {
        if (value < TimeSpan.Zero)
            throw Invalid(options, option, "is negative; zero turns it off");
    }

    private static ArgumentException Invalid(CollectorOptions options, string option, string why) =>
        new($"{option} of collector '{options.Name}' {why}.", nameof(options));
}
