namespace Orchestrator.Metrics;

internal static class TimeProviderExtensions
{
    extension(TimeProvider time)
    {
        /// <summary>The time since a timestamp; never negative, even if the clock was set back.</summary>
        public TimeSpan ElapsedSince(long timestamp)
        {
            var elapsed = time.GetElapsedTime(timestamp);
            return elapsed > TimeSpan.Zero ? elapsed : TimeSpan.Zero;
        }

        /// <summary>The remaining time of a limit that started at a timestamp; never negative.</summary>
        public TimeSpan Remaining(TimeSpan limit, long since)
        {
            var elapsed = time.ElapsedSince(since);
            return elapsed < limit ? limit - elapsed : TimeSpan.Zero;
        }

        /// <summary>The timestamp that lies this long before the current one.</summary>
        public long TimestampBefore(TimeSpan age) =>
            time.GetTimestamp() - (long)(age.TotalSeconds * time.TimestampFrequency);
    }
}
