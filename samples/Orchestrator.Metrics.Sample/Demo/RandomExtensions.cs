namespace Sample.Demo;

internal static class RandomExtensions
{
    public static T Pick<T>(this Random random, IReadOnlyList<T> values) => values[random.Next(values.Count)];

    /// <summary>
    /// Returns a random UUID. Unlike <see cref="Guid.NewGuid"/>, a seeded generator returns the same UUIDs in each run
    /// of the program.
    /// </summary>
    public static string NextUuid(this Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }
}
