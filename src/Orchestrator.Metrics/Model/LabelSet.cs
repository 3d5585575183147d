using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Metrics;

/// <summary>
/// The labels of a sample or an exemplar, sorted by name in Unicode code point order. A view that copies no labels:
/// <c>foreach</c> and lookups do not allocate. Immutable and thread-safe.
/// </summary>
public readonly struct LabelSet : IReadOnlyCollection<KeyValuePair<string, string>>
{
    // The column names, and an array that contains the values of the sample from the offset on. A null value means that
    // the sample lacks the label.
    private readonly string[]? _names;
    private readonly string?[]? _values;
    private readonly int _offset;

    // Set instead of the fields above if the labels are not stored in columns.
    private readonly KeyValuePair<string, string>[]? _pairs;

    internal LabelSet(string[] names, string?[] values, int offset) =>
        (_names, _values, _offset) = (names, values, offset);

    internal LabelSet(KeyValuePair<string, string>[] pairs) => _pairs = pairs;

    /// <summary>The number of labels.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var _ in this)
                count++;
            return count;
        }
    }

    /// <summary>The value of a label.</summary>
    /// <param name="name">The name of the label.</param>
    /// <exception cref="KeyNotFoundException">There is no label of that name.</exception>
    public string this[string name] => TryGetValue(name, out var value)
        ? value
        : throw new KeyNotFoundException($"Label '{name}' is missing. The labels are {this}.");

    /// <summary>Gets the value of a label.</summary>
    /// <param name="name">The name of the label.</param>
    /// <param name="value">The value, or null if there is no label of that name.</param>
    /// <returns>Whether there is a label of that name.</returns>
    public bool TryGetValue(string name, [NotNullWhen(true)] out string? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var label in this)
        {
            if (label.Key == name)
            {
                value = label.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>Enumerates the labels in the order of their names.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Returns the labels in braces, for debugging: <c>{name="value"}</c>, without escaping.</summary>
    public override string ToString() =>
        $"{{{string.Join(",", this.Select(label => $"{label.Key}=\"{label.Value}\""))}}}";

    IEnumerator<KeyValuePair<string, string>> IEnumerable<KeyValuePair<string, string>>.GetEnumerator() =>
        GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Enumerates labels without allocating.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<string, string>>
    {
        private readonly LabelSet _labels;
        private int _index = -1;

        internal Enumerator(LabelSet labels) => _labels = labels;

        /// <summary>The current label.</summary>
        public readonly KeyValuePair<string, string> Current => _labels._pairs is { } pairs
            ? pairs[_index]
            : new(_labels._names![_index], _labels._values![_labels._offset + _index]!);

        readonly object IEnumerator.Current => Current;

        /// <summary>Advances to the next label.</summary>
        public bool MoveNext()
        {
            if (_labels._pairs is { } pairs)
                return ++_index < pairs.Length;
            while (++_index < (_labels._names?.Length ?? 0))
            {
                if (_labels._values![_labels._offset + _index] is not null)
                    return true;
            }

            return false;
        }

        /// <summary>Moves before the first label.</summary>
        public void Reset() => _index = -1;

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
