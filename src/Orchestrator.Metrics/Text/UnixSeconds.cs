namespace Orchestrator.Metrics.Text;

/// <summary>Times as seconds since the Unix epoch.</summary>
internal static class UnixSeconds
{
    public const double None = double.NaN;

    /// <summary>The largest time up to which a double in seconds represents every millisecond.</summary>
    public const long LargestMilliseconds = 1L << 51;

    private const long LargestExact = 1L << 53;

    public static double? ToNullable(double seconds) => double.IsNaN(seconds) ? null : seconds;

    /// <summary>
    /// Returns whole milliseconds, truncated towards zero as in <c>prometheus_client</c>. Truncation may lose a
    /// millisecond, so times that were parsed as milliseconds are rounded (<paramref name="exactly"/>). Times beyond
    /// <see cref="LargestMilliseconds"/> in either direction, which only other libraries write, are clamped.
    /// </summary>
    public static long ToMilliseconds(double seconds, bool exactly)
    {
        var milliseconds = exactly ? Math.Round(seconds * 1000) : seconds * 1000;
        return (long)Math.Clamp(milliseconds, -LargestMilliseconds, LargestMilliseconds);
    }

    /// <summary>Returns the nearest double; <see cref="None"/> for null.</summary>
    public static double Convert(DateTimeOffset? time)
    {
        if (time is null)
            return None;
        var ticks = (time.Value - DateTimeOffset.UnixEpoch).Ticks;
        if (Math.Abs(ticks) <= LargestExact)
            return (double)ticks / TimeSpan.TicksPerSecond;

        // Converting such large ticks to a double would round them before the division. In the sum of whole seconds and
        // fraction, only one rounding matters, because no tick lies near the midpoint of two adjacent doubles.
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return seconds + (double)rest / TimeSpan.TicksPerSecond;
    }
}
