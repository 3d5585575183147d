namespace Orchestrator.Metrics;

internal static class TimeProviderExtensions
{
    extension(TimeProvider time)
    {
        /// <summary>Returns the time since a timestamp; never negative, even if the clock was set back.</summary>
        public TimeSpan GetElapsedSince(long timestamp)
        {
            var elapsed = time.GetElapsedTime(timestamp);
            return elapsed > TimeSpan.Zero ? elapsed : TimeSpan.Zero;
        }

        /// <summary>Returns the remaining time of a limit that started at a timestamp; never negative.</summary>
        public TimeSpan GetRemaining(TimeSpan limit, long since)
        {
            var elapsed = time.GetElapsedSince(since);
            return elapsed < limit ? limit - elapsed : TimeSpan.Zero;
        }

        /// <summary>Returns the timestamp of the moment this long ago.</summary>
        public long GetTimestampBefore(TimeSpan age) =>
            time.GetTimestamp() - (long)(age.TotalSeconds * time.TimestampFrequency);
    }
}
