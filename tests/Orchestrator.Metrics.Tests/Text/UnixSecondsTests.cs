using System.Globalization;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Text;

public class UnixSecondsTests
{
    [Test]
    public void Missing_time_is_NaN() => Assert.That(UnixSeconds.Convert(null), Is.NaN);

    [TestCase(1.0015, false, 1001)]
    [TestCase(-1.0015, false, -1001)]
    [TestCase(1.0015, true, 1002)]
    [TestCase(1.001, true, 1001)]
    [TestCase(double.MaxValue, false, UnixSeconds.LargestMilliseconds)]
    [TestCase(double.MinValue, true, -UnixSeconds.LargestMilliseconds)]
    public void Milliseconds_are_truncated_or_rounded_and_clamped(double seconds, bool exactly, long expected) =>
        Assert.That(UnixSeconds.ToMilliseconds(seconds, exactly), Is.EqualTo(expected));

    [TestCase(double.NaN, null)]
    [TestCase(0, 0.0)]
    [TestCase(-1.5, -1.5)]
    public void Missing_seconds_are_null(double seconds, double? expected) =>
        Assert.That(UnixSeconds.ToNullable(seconds), Is.EqualTo(expected));

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(-1)]
    [TestCase(10_000_001)]
    [TestCase(17_000_000_001_234_567)]
    [TestCase(-5_000_000_000_000_001)]
    [TestCase(12_909_520, Description = "the fraction alone rounds to halfway between two doubles")]
    public void Known_times_give_the_nearest_double(long ticks) =>
        Assert.That(UnixSeconds.Convert(DateTimeOffset.UnixEpoch.AddTicks(ticks)), Is.EqualTo(ParseNearest(ticks)));

    [Test]
    public void Time_zone_does_not_affect_the_result() =>
        Assert.That(
            UnixSeconds.Convert(new DateTimeOffset(2024, 1, 1, 2, 0, 0, 500, TimeSpan.FromHours(2))),
            Is.EqualTo(1704067200.5));

    [Test]
    public void Earliest_and_latest_times_give_the_nearest_double()
    {
        Assert.That(UnixSeconds.Convert(DateTimeOffset.MinValue), Is.EqualTo(-62135596800.0));
        Assert.That(UnixSeconds.Convert(DateTimeOffset.MaxValue), Is.EqualTo(253402300799.9999999));
    }

    [Test]
    public void Current_times_give_the_nearest_double() =>
        Gen.Long[1_000_000_000_0000000, 4_000_000_000_0000000].Sample(IsNearest, iter: 20_000);

    [Test]
    public void Times_of_any_age_give_the_nearest_double() =>
        Gen.Long[
            (DateTimeOffset.MinValue - DateTimeOffset.UnixEpoch).Ticks,
            (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks].Sample(IsNearest, iter: 20_000);

    [Test]
    public void Times_near_the_epoch_give_the_nearest_double() =>
        Gen.Long[-100_0000000, 100_0000000].Sample(IsNearest, iter: 20_000);

    private static bool IsNearest(long ticks) =>
        UnixSeconds.Convert(DateTimeOffset.UnixEpoch.AddTicks(ticks)).Equals(ParseNearest(ticks));

    // The decimal is exact, and the runtime rounds correctly when it parses the digits.
    private static double ParseNearest(long ticks) => double.Parse(
        (ticks / 10_000_000m).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
