namespace Sample.Data;

internal static class Timestamps
{
    /// <summary>Returns the time as the tables store it: an integer, so differences and their sums are exact.</summary>
    public static long ToUnixMicroseconds(this DateTimeOffset time) =>
        (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
