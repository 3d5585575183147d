namespace Sample.Data;

internal static class Timestamps
{
    /// <summary>Returns the time in the format of the tables: an integer, so differences and sums are exact.</summary>
    public static long ToUnixMicroseconds(this DateTimeOffset time) =>
        (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
