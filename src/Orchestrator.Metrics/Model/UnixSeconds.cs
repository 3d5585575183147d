namespace Orchestrator.Metrics;

/// <summary>Times as seconds since the Unix epoch; NaN stands for none.</summary>
internal static class UnixSeconds
{
    public const double None = double.NaN;

    /// <summary>The double nearest to the time: whole seconds and fraction are each exact before they are added.</summary>
    public static double From(DateTimeOffset? time)
    {
        if (time is null)
            return None;
        var (seconds, ticks) = Math.DivRem((time.Value - DateTimeOffset.UnixEpoch).Ticks, TimeSpan.TicksPerSecond);
        return seconds + (double)ticks / TimeSpan.TicksPerSecond;
    }
}
