using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Tests.Text;

/// <summary>The digits of all whole numbers and fractions, compared with the output of the runtime.</summary>
public class DecimalDigitsTests
{
    [Test]
    public void Every_whole_number_below_a_million_is_written_correctly() => RequireAll(
        0,
        (number, buffer) => DecimalDigits.WriteWhole(number, buffer),
        number => number.ToString(CultureInfo.InvariantCulture));

    [Test]
    public void Every_number_of_millionths_below_one_is_written_correctly() => RequireAll(
        1,
        (number, buffer) => DecimalDigits.WriteFraction(number, buffer),
        number => number.ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0'));

    private static void RequireAll(int first, Func<int, byte[], int> write, Func<int, string> expected)
    {
        var buffer = new byte[9];
        for (var number = first; number < 1_000_000; number++)
        {
            Array.Fill(buffer, (byte)'x');
            var length = write(number, buffer);
            var text = Encoding.ASCII.GetString(buffer, 0, length);
            if (text != expected(number))
                Assert.Fail($"{number} was written as '{text}'.");
            if (buffer.AsSpan(length).LastIndexOfAnyExcept((byte)'x') >= 3)
                Assert.Fail($"More than three bytes after {number} were overwritten.");
        }
    }
}
