using System.Security.Cryptography;
using System.Text;
using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Relabeling;

/// <summary>The changes to labels and names that the options of a collector configure.</summary>
internal sealed class LabelPolicy
{
    // 64 bits: among a million values, the probability of a collision is 1 in 37 million.
    private const int PseudonymBytes = 8;

    private readonly HashSet<string> _dropped;
    private readonly string[] _hashed;
    private readonly Dictionary<string, Func<string, string>> _maps;
    private readonly Dictionary<string, string> _added;
    private readonly HashSet<string> _minima;

    public LabelPolicy(CollectorOptions options)
    {
        _dropped = [.. options.DropLabels];
        _hashed = [.. options.HashLabels];
        _maps = new(options.LabelMaps);
        _added = new(options.AddLabels);
        _minima = [.. options.MinimumFamilyNames];
        NamePrefix = options.NamePrefix;
        var changed = (string[])[.. _dropped, .. _hashed, .. _maps.Keys];
        if (options.LabelNames is { } known && Array.Find(changed, label => !known.Contains(label)) is { } unknown)
            throw options.CreateException(FindOption(unknown),
                $"names the label '{unknown}', which the collector does not have. Its labels are " +
                $"{string.Join(", ", known)}");
        if (options.LabelNames?.FirstOrDefault(
            label => _added.ContainsKey(label) && !_dropped.Contains(label)) is { } own)
            throw options.CreateException(nameof(options.AddLabels),
                $"contains the label '{own}', which the collector already has. Choose another name, or add it to " +
                nameof(options.DropLabels));
        _ = LabelPairs.ValidateAndSort(
            _added, $"{nameof(options.AddLabels)} of collector '{options.Name}'", NameValidationScheme.Legacy);
        if (!OptionsValidator.IsPrefix(NamePrefix) && NamePrefix.Length > 0)
            throw options.CreateException(nameof(options.NamePrefix),
                $"is '{NamePrefix}', which is not a metric name prefix. Use {OptionsValidator.PrefixRule}");
    }

    public IReadOnlyCollection<string> Dropped => _dropped;

    public string NamePrefix { get; }

    // If the policies add different labels, families of the same name can be merged.
    public bool IsDistinctFrom(LabelPolicy other) =>
        _added.Count != other._added.Count || _added.Except(other._added).Any();

    public void RequireHashKey(OrchestratorMetricsOptions options, string collector)
    {
        if (_hashed.Length > 0 && options.LabelHashKey is null)
            throw new InvalidOperationException(
                $"{nameof(CollectorOptions.HashLabels)} of collector '{collector}' needs a key. Set " +
                $"OrchestratorMetrics:{nameof(options.LabelHashKey)} in the configuration to a random string, the " +
                "same in all replicas.");
    }

    public IReadOnlyList<MetricFamily> Drop(IReadOnlyList<MetricFamily> families)
    {
        if (_dropped.Count == 0)
            return families;
        var changes = LabelChanges.None with { Dropped = _dropped, Minima = _minima };
        return [.. families.Select(family => FamilyRelabeler.Apply(family, changes))];
    }

    /// <summary>
    /// Makes all changes except those of <see cref="Drop"/>. The key must not be null if the policy hashes labels.
    /// </summary>
    public IReadOnlyList<MetricFamily> Apply(IReadOnlyList<MetricFamily> families, string? hashKey)
    {
        if (_hashed.Length + _maps.Count + _added.Count + NamePrefix.Length == 0)
            return families;
        var maps = new Dictionary<string, Func<string, string>>(_maps);
        foreach (var label in _hashed)
        {
            var pseudonym = CreatePseudonymizer(hashKey!);
            maps[label] = _maps.GetValueOrDefault(label) is { } map ? value => pseudonym(map(value)) : pseudonym;
        }

        var changes = LabelChanges.None with
        {
            Maps = maps,
            Added = _added,
            NamePrefix = NamePrefix,
            Minima = _minima,
        };
        return [.. families.Select(family => FamilyRelabeler.Apply(family, changes))];
    }

    public IReadOnlyCollection<string>? RemovePrefix(IReadOnlyCollection<string>? names) =>
        names is null || NamePrefix.Length == 0
            ? names
            : [.. names.Where(name => name.StartsWith(NamePrefix, StringComparison.Ordinal))
                .Select(name => name[NamePrefix.Length..])];

    private static Func<string, string> CreatePseudonymizer(string hashKey)
    {
        var key = Encoding.UTF8.GetBytes(hashKey);
        var known = new Dictionary<string, string> { [""] = "" };
        return value =>
        {
            if (!known.TryGetValue(value, out var pseudonym))
            {
                var hash = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(value)).AsSpan(0, PseudonymBytes);
                known.Add(value, pseudonym = Convert.ToHexStringLower(hash));
            }

            return pseudonym;
        };
    }

    private string FindOption(string label) =>
        _dropped.Contains(label) ? nameof(CollectorOptions.DropLabels)
        : _hashed.Contains(label) ? nameof(CollectorOptions.HashLabels)
        : nameof(CollectorOptions.MapLabel);
}
