namespace Sample.Demo;

internal static class RandomExtensions
{
    public static T Pick<T>(this Random random, IReadOnlyList<T> values) => values[random.Next(values.Count)];

    /// <summary>
    /// Returns a UUID. With a seeded generator, unlike <see cref="Guid.NewGuid"/>, it is the same in each run.
    /// </summary>
    public static string NextUuid(this Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }
}
