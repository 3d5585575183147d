using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Orchestrator.Metrics.Model;

/// <summary>
/// Finds the first sample of a family that has the same suffix, labels and timestamp as an earlier one. As in
/// Prometheus, an empty label equals a missing one. Allocates nothing per sample: the hash codes and the
/// open-addressing table are pooled arrays.
/// </summary>
internal sealed class DuplicateFinder(SampleStore store)
{
    // Primes of xxHash.
    internal const ulong MiddleFactor = 0x165667B19E3779F9;
    internal const ulong LastFactor = 0xC2B2AE3D27D4EB4F;
    private const ulong Factor = 0x9E3779B185EBCA87;

    // The index of the first sample of each chunk, followed by the total number of samples.
    private readonly int[] _chunkStarts = new int[store.Chunks.Count + 1];

    public StoredSample? FindFirst()
    {
        if (store.Count < 2)
            return null;
        for (var i = 0; i < store.Chunks.Count; i++)
            _chunkStarts[i + 1] = _chunkStarts[i] + store.Chunks[i].Count;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)store.Count * 2);
        var table = ArrayPool<int>.Shared.Rent(size);
        var hashes = ArrayPool<uint>.Shared.Rent(store.Count);
        try
        {
            // Label values can be crafted so that their quick hashes collide. Randomized hashes cannot be predicted.
            return TrySearch(table.AsSpan(0, size), hashes, randomized: false, out var found)
                || TrySearch(table.AsSpan(0, size), hashes, randomized: true, out found)
                ? found
                : null;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(table);
            ArrayPool<uint>.Shared.Return(hashes);
        }
    }

    // Not collision-resistant.
    internal static ulong ComputeQuickHash(string text)
    {
        var bytes = MemoryMarshal.AsBytes(text.AsSpan());
        var hash = (ulong)bytes.Length;
        if (bytes.Length < sizeof(ulong))
        {
            foreach (var character in text)
                hash = (hash << 16) ^ character;
            return hash;
        }

        for (; bytes.Length > 3 * sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            hash = Mix(hash, MemoryMarshal.Read<ulong>(bytes));

        // The first, middle and last words cover the rest. They may overlap.
        return hash
            ^ MemoryMarshal.Read<ulong>(bytes)
            ^ (MemoryMarshal.Read<ulong>(bytes[((bytes.Length - sizeof(ulong)) / 2)..]) * MiddleFactor)
            ^ (MemoryMarshal.Read<ulong>(bytes[^sizeof(ulong)..]) * LastFactor);
    }

    /// <summary>Returns false if the quick hashes collide too often.</summary>
    private bool TrySearch(Span<int> table, uint[] hashes, bool randomized, out StoredSample? found)
    {
        table.Clear();
        found = null;
        var shift = 32 - BitOperations.Log2((uint)table.Length);
        var probesLeft = randomized ? long.MaxValue : 64L + store.Count * 2L;
        var number = 0;
        foreach (var chunk in store.Chunks)
        {
            for (var i = 0; i < chunk.Count; i++, number++)
            {
                var sample = new StoredSample(chunk, i);
                var hash = Hash(sample, randomized);
                hashes[number] = hash;
                var slot = (int)(hash >> shift);
                for (; table[slot] != 0; slot = (slot + 1) & (table.Length - 1))
                {
                    var other = table[slot] - 1;
                    if (hashes[other] == hash && AreEqual(sample, GetSample(other)))
                    {
                        found = sample;
                        return true;
                    }

                    if (--probesLeft == 0)
                        return false;
                }

                table[slot] = number + 1;
            }
        }

        return true;
    }

    private static uint Hash(StoredSample sample, bool randomized)
    {
        var hash = 0UL;
        var factor = Factor;
        foreach (var value in sample.LabelValues)
        {
            // A sum of products, because the processor computes independent products in parallel.
            hash += factor * (string.IsNullOrEmpty(value) ? 0
                : randomized ? (ulong)value.GetHashCode()
                : ComputeQuickHash(value));
            factor = BitOperations.RotateLeft(factor, 9) | 1;
        }

        // Samples without a timestamp must hash alike, whether or not their chunk stores timestamps.
        if (sample.Timestamp is var timestamp && !double.IsNaN(timestamp))
            hash = Mix(hash, (ulong)timestamp.GetHashCode());
        hash = Mix(hash, (ulong)sample.Suffix);
        foreach (var (name, value) in sample.Detail?.Labels ?? [])
            hash = value.Length == 0 ? hash : Mix(hash, (ulong)HashCode.Combine(name, value));

        return (uint)(Mix(hash ^ (hash >> 32), 0) >> 32);
    }

    private static ulong Mix(ulong hash, ulong value) => (BitOperations.RotateLeft(hash, 23) ^ value) * Factor;

    private StoredSample GetSample(int number)
    {
        var start = Array.BinarySearch(_chunkStarts, number);
        var chunk = start >= 0 ? start : ~start - 1;
        return new(store.Chunks[chunk], number - _chunkStarts[chunk]);
    }

    private static bool AreEqual(StoredSample one, StoredSample other) =>
        one.Suffix == other.Suffix
        && one.Timestamp.Equals(other.Timestamp)
        && AreEqual(one.LabelValues, other.LabelValues)
        && AreEqual(one.Detail?.Labels, other.Detail?.Labels);

    public static bool AreEqual(ReadOnlySpan<string?> one, ReadOnlySpan<string?> other)
    {
        if (one.Length != other.Length)
            return false;
        for (var i = 0; i < one.Length; i++)
        {
            if ((one[i] ?? "") != (other[i] ?? ""))
                return false;
        }

        return true;
    }

    // The labels must be sorted.
    public static bool AreEqual(KeyValuePair<string, string>[]? one, KeyValuePair<string, string>[]? other) =>
        one == other || GetNonEmpty(one).SequenceEqual(GetNonEmpty(other));

    private static IEnumerable<KeyValuePair<string, string>> GetNonEmpty(KeyValuePair<string, string>[]? labels) =>
        (labels ?? []).Where(label => label.Value.Length > 0);
}
