namespace Sample.Data;

internal static class Timestamps
{
    /// <summary>How the tables keep a time: as a whole number, so that differences and their sums are exact.</summary>
    public static long ToUnixMicroseconds(this DateTimeOffset time) =>
        (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
