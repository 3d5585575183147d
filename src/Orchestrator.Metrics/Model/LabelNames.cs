using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

/// <summary>
/// The label names of samples from another metrics library, validated once for all samples that share them. Immutable
/// and thread-safe.
/// </summary>
public sealed class LabelNames
{
    /// <summary>Creates label names.</summary>
    /// <param name="names">
    /// The names: any valid Unicode, in the order of the values that <see cref="MetricFamilyBuilder"/> takes.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A name is null, empty, not valid Unicode or reserved, or two names are equal, or equal after escaping.
    /// </exception>
    public LabelNames(params ReadOnlySpan<string> names)
    {
        Names = names.ToArray();
        foreach (var name in Names)
            MetricNames.ValidateLabelName(name, "a sample", NameValidationScheme.Utf8);
        LabelPairs.RequireDistinct(Names, "a sample");
    }

    internal string[] Names { get; }
}
