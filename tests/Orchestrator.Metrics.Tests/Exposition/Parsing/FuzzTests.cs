using System.Text;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

public class FuzzTests
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "# EOF\n", "# EOF", "# TYPE a counter\n", "# TYPE a gauge\n", "# TYPE a histogram\n", "# HELP a ",
            "# UNIT a_s s\n",
            "a_total 1\n", "a_created 1\n", "a{le=\"1\"} 1 # {} 1\n", "{\"a\"}", "\\", "\"", "\n", "\r\n",
            "\0", "{", "}", ",", "=",
            " ", "\t", "#", "1e999", "NaN", "-", "_total", "_created", "\uFEFF", "é", "_bucket", "__name__",
            "99999999999999999999",
        }.Select(Encoding.UTF8.GetBytes),
        [0xC3], [0xFF], [0xED, 0xA0, 0x80],
    ];

    private static readonly byte[][] Texts =
    [
        .. TextRewriter.Formats.Select(format => Encoding.UTF8.GetBytes(AllTypes.CreateSnapshot().ToText(format))),
        [],
    ];

    private static readonly Gen<byte[]> Mutated =
        Gen.Select(
            Gen.OneOf(Texts),
            Gen.Select(Gen.Int[0, 9], Gen.Double[0, 1], Gen.Double[0, 1], Gen.OneOf(Pieces)).Array[1, 20])
            .Select((text, mutations) => mutations.Aggregate(text, Mutate));

    [Test]
    public void Mutated_input_is_rejected_or_survives_a_round_trip()
    {
        var (read, rejected) = (0, 0);
        Mutated.Sample(
            text =>
            {
                if (Read(text) is not { } snapshot)
                {
                    Interlocked.Increment(ref rejected);
                    return;
                }

                Interlocked.Increment(ref read);
                foreach (var format in TextRewriter.Formats)
                {
                    var once = snapshot.ToText(format);
                    var twice = MetricsSnapshot.Parse(once);
                    Assert.That(
                        twice.Families.Sum(family => family.SampleCount),
                        Is.EqualTo(snapshot.Families.Sum(family => family.SampleCount)));
                    if (format.Escaping == EscapingScheme.AllowUtf8)
                        Assert.That(twice.ToText(format), Is.EqualTo(once));
                }
            },
            iter: 30_000, threads: 1);

        Assert.That(read, Is.GreaterThan(1_000));
        Assert.That(rejected, Is.GreaterThan(1_000));
    }

    private static MetricsSnapshot? Read(byte[] text)
    {
        IReadOnlyList<MetricFamily> families;
        try
        {
            families = TextRewriter.ParseFamilies(text);
        }
        catch (FormatException)
        {
            return null;
        }

        try
        {
            return new MetricsSnapshot(families);
        }
        catch (ArgumentException)
        {
            // The parser accepts families with conflicting names, but a snapshot does not.
            return null;
        }
    }

    private static byte[] Mutate(byte[] text, (int Kind, double From, double To, byte[] Piece) mutation)
    {
        var from = (int)(mutation.From * text.Length);
        var to = Math.Min(text.Length, from + 1 + (int)(mutation.To * 40));
        return mutation.Kind switch
        {
            0 => text[..from],
            1 => [.. text[..from], .. text[to..]],
            2 => [.. text[..from], .. text[from..to], .. text[from..]],
            3 or 4 => [.. text[..from], .. mutation.Piece, .. text[to..]],
            _ => [.. text[..from], .. mutation.Piece, .. text[from..]],
        };
    }
}
