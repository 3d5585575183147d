namespace Orchestrator.Metrics.Text;

/// <summary>Times as seconds since the Unix epoch; NaN stands for none.</summary>
internal static class UnixSeconds
{
    public const double None = double.NaN;

    /// <summary>Beyond this time, a double of seconds does not represent every millisecond.</summary>
    public const long LargestMilliseconds = 1L << 51;

    private const long LargestExact = 1L << 53;

    /// <summary>The seconds, or null for <see cref="None"/>.</summary>
    public static double? OrNull(double seconds) => double.IsNaN(seconds) ? null : seconds;

    /// <summary>The double nearest to the time.</summary>
    public static double From(DateTimeOffset? time)
    {
        if (time is null)
            return None;
        var ticks = (time.Value - DateTimeOffset.UnixEpoch).Ticks;
        if (Math.Abs(ticks) <= LargestExact)
            return (double)ticks / TimeSpan.TicksPerSecond;

        // The ticks themselves would be rounded before the division. From this size on the sum of whole seconds and
        // fraction is rounded only once that matters: no tick lies near the middle between two doubles.
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return seconds + (double)rest / TimeSpan.TicksPerSecond;
    }
}
