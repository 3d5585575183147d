using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Relabeling;

/// <summary>
/// Drops and maps the labels of exemplars, which may have labels that their series lack. Names are compared after
/// escaping, because the exemplars of .NET meters have legacy names even if the names of series are UTF-8.
/// </summary>
internal static class ExemplarRelabeler
{
    public static bool IsChanged(MetricFamily family, LabelChanges changes) =>
        changes.Dropped.Count + changes.Maps.Count > 0
        && family.Store.Samples.Any(sample => sample.Detail is { } detail
            && (detail.Exemplar is { } exemplar && IsChanged(exemplar, changes)
                || detail.Native is { } native && IsChanged(native, changes)));

    /// <summary>
    /// Returns the changed exemplar. Null if there is none, or if its new labels are longer than OpenMetrics allows.
    /// </summary>
    public static Exemplar? Apply(Exemplar? exemplar, LabelChanges changes)
    {
        if (exemplar is null || !IsChanged(exemplar, changes))
            return exemplar;
        var labels = exemplar.SortedLabels.Where(label => !IsDropped(label.Key, changes)).Select(label =>
            KeyValuePair.Create(label.Key, FamilyRelabeler.Map(FindMap(label.Key, changes), label.Value)));
        var changed = new Exemplar(exemplar.Value, [.. labels], exemplar.TimestampSeconds ?? UnixSeconds.None);
        return changed.FindLengthViolation() is null ? changed : null;
    }

    public static NativeHistogram? Apply(NativeHistogram? native, LabelChanges changes) =>
        native is null || !IsChanged(native, changes)
            ? native
            : new NativeHistogram(
                native.Schema, native.Sum, native.Positive, native.Negative, native.ZeroCount, native.ZeroThreshold,
                native.Count, native.ExemplarArray.Select(exemplar => Apply(exemplar, changes)).OfType<Exemplar>());

    private static bool IsChanged(NativeHistogram native, LabelChanges changes) =>
        Array.Exists(native.ExemplarArray, exemplar => IsChanged(exemplar, changes));

    private static bool IsChanged(Exemplar exemplar, LabelChanges changes) => Array.Exists(
        exemplar.SortedLabels, label => IsDropped(label.Key, changes) || FindMap(label.Key, changes) is not null);

    private static bool IsDropped(string label, LabelChanges changes) =>
        changes.Dropped.Any(name => AreEqual(name, label));

    private static Func<string, string>? FindMap(string label, LabelChanges changes) =>
        changes.Maps.FirstOrDefault(map => AreEqual(map.Key, label)).Value;

    private static bool AreEqual(string one, string other) =>
        EscapedName.EscapeLabelName(one, EscapingScheme.Underscores)
            == EscapedName.EscapeLabelName(other, EscapingScheme.Underscores);
}
