using System.Globalization;
using System.Text;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Text;

public class NumberFormatTests
{
    // The expected strings were verified with repr of Python 3.11 and floatToGoString of the main branch of
    // prometheus_client.
    [TestCase(0, "0.0")]
    [TestCase(-0.0, "-0.0")]
    [TestCase(5, "5.0")]
    [TestCase(-5, "-5.0")]
    [TestCase(53, "53.0")]
    [TestCase(0.1, "0.1")]
    [TestCase(0.5, "0.5")]
    [TestCase(1.0 / 3, "0.3333333333333333")]
    [TestCase(0.1 + 0.2, "0.30000000000000004")]
    [TestCase(6514.921, "6514.921")]
    [TestCase(999999, "999999.0")]
    [TestCase(999999.5, "999999.5")]
    [TestCase(999999.9999999999, "999999.9999999999")]
    [TestCase(1000000, "1e+06")]
    [TestCase(1000000.5, "1.0000005e+06")]
    [TestCase(1234567, "1.234567e+06")]
    [TestCase(3110000, "3.11e+06")]
    [TestCase(-3110000, "-3110000.0")]
    [TestCase(-1234567.25, "-1234567.25")]
    [TestCase(12345678901, "1.2345678901e+10", Description = "prometheus_client 0.25.0 writes e+010")]
    [TestCase(418768352262.90375, "4.1876835226290375e+11")]
    [TestCase(999999999999999, "9.99999999999999e+14")]
    [TestCase(1e15, "1e+15")]
    [TestCase(9007199254740992, "9.007199254740992e+15")]
    [TestCase(9007199254740994, "9.007199254740994e+15")]
    [TestCase(-9007199254740993, "-9007199254740992.0")]
    [TestCase(1e16, "1e+16")]
    [TestCase(-1e15, "-1000000000000000.0")]
    [TestCase(-1e16, "-1e+16")]
    [TestCase(12345678901234567, "1.2345678901234568e+16")]
    [TestCase(1e21, "1e+21")]
    [TestCase(1e22, "1e+22")]
    [TestCase(1e23, "1e+23")]
    [TestCase(1e100, "1e+100")]
    [TestCase(0.001, "0.001")]
    [TestCase(0.0001, "0.0001")]
    [TestCase(0.00012345, "0.00012345")]
    [TestCase(0.00001, "1e-05")]
    [TestCase(0.000015, "1.5e-05")]
    [TestCase(-0.00001, "-1e-05")]
    [TestCase(0.000001, "1e-06")]
    [TestCase(0.0000005, "5e-07")]
    [TestCase(1e-9, "1e-09")]
    [TestCase(1e-100, "1e-100")]
    [TestCase(3.1842962723964894e-13, "3.1842962723964894e-13")]
    [TestCase(1.0 / (1 << 25), "2.9802322387695312e-08", Description = "2^-25, which .NET writes incorrectly")]
    [TestCase(4.1045368012983762e-289, "4.1045368012983762e-289", Description = "2^-958, which .NET writes incorrectly")]
    [TestCase(1.0 / (1 << 24), "5.960464477539063e-08")]
    [TestCase(double.Epsilon, "5e-324")]
    [TestCase(-double.Epsilon, "-5e-324")]
    [TestCase(2.2250738585072014e-308, "2.2250738585072014e-308")]
    [TestCase(2.225073858507201e-308, "2.225073858507201e-308")]
    [TestCase(double.MaxValue, "1.7976931348623157e+308")]
    [TestCase(double.MinValue, "-1.7976931348623157e+308")]
    [TestCase(double.NaN, "NaN")]
    [TestCase(double.PositiveInfinity, "+Inf")]
    [TestCase(double.NegativeInfinity, "-Inf")]
    public void Values_are_written_as_in_prometheus_client(double value, string expected)
    {
        Assert.Multiple(() =>
        {
            Assert.That(WriteGo(value), Is.EqualTo(expected));
            Assert.That(NumberFormat.FormatGo(value), Is.EqualTo(expected));
            Assert.That(PythonNumbers.FloatToGoString(value), Is.EqualTo(expected), "The reference is wrong.");
        });
    }

    [TestCase(0, "0.0")]
    [TestCase(12.25, "12.25")]
    [TestCase(1700000000, "1700000000.0")]
    [TestCase(1700000000.123, "1700000000.123")]
    [TestCase(1700000000.1234567, "1700000000.1234567")]
    [TestCase(253402300799.9999, "253402300799.9999")]
    [TestCase(-1.5, "-1.5")]
    [TestCase(-62135596800, "-62135596800.0")]
    [TestCase(1e-7, "1e-07")]
    [TestCase(1e15, "1000000000000000.0")]
    [TestCase(1e16, "1e+16")]
    public void Timestamps_equal_the_output_of_repr_in_Python(double value, string expected)
    {
        Assert.Multiple(() =>
        {
            Assert.That(WriteRepr(value), Is.EqualTo(expected));
            Assert.That(PythonNumbers.FormatRepr(value), Is.EqualTo(expected), "The reference is wrong.");
        });
    }

    [TestCase("+Inf", double.PositiveInfinity)]
    [TestCase("-1.5e3", -1500)]
    [TestCase("0.99", 0.99)]
    [TestCase("Infinity", double.NaN)]
    [TestCase("-Inf", double.NaN)]
    [TestCase("1e999", double.NaN)]
    [TestCase("NaN", double.NaN)]
    [TestCase("1,5", double.NaN)]
    [TestCase("", double.NaN)]
    [TestCase(null, double.NaN)]
    public void Label_of_a_bucket_or_quantile_is_a_finite_number_or_positive_infinity(string? text, double expected) =>
        Assert.That(NumberFormat.ParseLabel(text), Is.EqualTo(expected));

    [Test]
    public void Any_bit_pattern_is_written_as_in_Python() =>
        Check(Gen.ULong.Uniform.Select(BitConverter.UInt64BitsToDouble));

    [Test]
    public void Doubles_of_common_magnitude_are_written_as_in_Python() => Check(Gen.Double[-1e9, 1e9]);

    [Test]
    public void Integers_are_written_as_in_Python() =>
        Check(Gen.Long.Uniform.Select(Gen.Int[0, 63], (value, shift) => (double)(value >> shift)));

    [Test]
    public void Integers_around_format_boundaries_are_written_as_in_Python() => Check(Gen.OneOf(
        Gen.Long[999_999_999_999_000, 1_000_000_000_001_000],
        Gen.Long[9_007_199_254_740_000, 9_007_199_254_742_000],
        Gen.Long[9_999_999_999_990_000, 10_000_000_000_010_000],
        Gen.Long[999_000, 1_001_000]).Select(value => (double)value));

    [Test]
    public void Decimals_with_1_to_9_places_are_written_as_in_Python() => Check(Gen
        .Select(Gen.Long[0, 999_999_999_999_999], Gen.Int[0, 14], Gen.Int[1, 9])
        .Select((value, droppedDigits, places) => (value / (long)Math.Pow(10, droppedDigits)) / Math.Pow(10, places)));

    [Test]
    public void Decimals_and_adjacent_doubles_are_written_as_in_Python() => Check(Gen
        .Select(Gen.Long[0, 999_999_999_999_999], Gen.Int[0, 14], Gen.Int[0, 9])
        .Select((value, droppedDigits, places) => (value / (long)Math.Pow(10, droppedDigits)) / Math.Pow(10, places))
        .SelectMany(GenerateAdjacent));

    [Test]
    public void Subnormals_are_written_as_in_Python() =>
        Check(Gen.ULong[0, 0x000F_FFFF_FFFF_FFFF].Select(BitConverter.UInt64BitsToDouble));

    [Test]
    public void Powers_of_ten_and_two_and_adjacent_doubles_are_written_as_in_Python() => Check(Gen.OneOf(
        Gen.Int[-324, 308].Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture)),
        Gen.Int[-1074, 1023].Select(power => Math.ScaleB(1, power))).SelectMany(GenerateAdjacent));

    [Test]
    public void Every_power_of_ten_is_written_as_in_Python()
    {
        for (var power = -323; power <= 308; power++)
        {
            var value = double.Parse($"1e{power}", CultureInfo.InvariantCulture);
            foreach (var near in (double[])[Math.BitDecrement(value), value, Math.BitIncrement(value)])
                AssertCorrect(near);
        }
    }

    [Test]
    public void Every_power_of_two_is_written_as_in_Python()
    {
        for (var power = -1074; power <= 1023; power++)
            AssertCorrect(Math.ScaleB(1, power));
    }

    private static Gen<double> GenerateAdjacent(double value) =>
        Gen.OneOf(value, Math.BitIncrement(value), Math.BitDecrement(value));

    private static void Check(Gen<double> values) => Gen.Select(values, Gen.Bool)
        .Sample((value, negative) => IsCorrect(negative ? -value : value), iter: 50_000);

    /// <summary>Fails the test unless the value and its negative are written correctly.</summary>
    private static void AssertCorrect(double magnitude)
    {
        foreach (var value in (double[])[magnitude, -magnitude])
        {
            if (!IsCorrect(value))
                Assert.Fail(
                    $"{value:R} is written as {WriteGo(value)} (expected: {PythonNumbers.FloatToGoString(value)}) and " +
                    $"{WriteRepr(value)} (expected: {PythonNumbers.FormatRepr(value)}).");
        }
    }

    private static bool IsCorrect(double value)
    {
        var (go, repr) = (WriteGo(value), WriteRepr(value));
        return go == PythonNumbers.FloatToGoString(value)
            && repr == PythonNumbers.FormatRepr(value)
            && (!double.IsFinite(value) || (RoundTrips(go, value) && RoundTrips(repr, value)));
    }

    private static bool RoundTrips(string text, double value) =>
        BitConverter.DoubleToInt64Bits(double.Parse(text, CultureInfo.InvariantCulture))
        == BitConverter.DoubleToInt64Bits(value);

    private static string WriteGo(double value)
    {
        Span<byte> buffer = stackalloc byte[NumberFormat.MaxLength];
        return Encoding.ASCII.GetString(buffer[..NumberFormat.WriteGo(value, buffer)]);
    }

    private static string WriteRepr(double value)
    {
        Span<byte> buffer = stackalloc byte[NumberFormat.MaxLength];
        return Encoding.ASCII.GetString(buffer[..NumberFormat.WriteRepr(value, buffer)]);
    }
}
