namespace Orchestrator.Metrics.Tests.Text;

// Copying without bounds checks must not write outside the destination.
public class AsciiTranscoderTests
{
    private const byte Untouched = 0xEE;

    [Test]
    public void Nothing_is_written_past_the_text([Range(0, 70)] int length, [Values(0, 1, 7, 32)] int room)
    {
        var text = new string('a', length);
        var memory = Enumerable.Repeat(Untouched, length + 64).ToArray();

        var copied = AsciiTranscoder.CopyUnescaped(text, memory.AsSpan(0, length + room));

        Assert.That(copied, Is.EqualTo(length));
        Assert.That(memory[..length], Has.All.EqualTo((byte)'a'));
        Assert.That(memory[length..], Has.All.EqualTo(Untouched));
    }

    [Test]
    public void Destination_that_is_too_small_is_an_error([Range(1, 40)] int length)
    {
        var memory = Enumerable.Repeat(Untouched, length + 64).ToArray();

        Assert.That(
            () => AsciiTranscoder.CopyUnescaped(new string('a', length), memory.AsSpan(0, length - 1)),
            Throws.InstanceOf<IndexOutOfRangeException>());
        Assert.That(memory[(length - 1)..], Has.All.EqualTo(Untouched));
    }

    [Test]
    public void Copy_stops_at_the_first_character_that_it_does_not_copy(
        [Range(1, 40)] int length, [Values('\n', '"', '\\', '\u0080', '\uFFFF')] char other, [Values] bool escapes)
    {
        for (var place = 0; place < length; place++)
        {
            var text = new string('a', place) + other + new string('a', length - place - 1);
            var memory = Enumerable.Repeat(Untouched, length + 64).ToArray();

            var copied = escapes
                ? AsciiTranscoder.CopyUnescaped(text, memory)
                : AsciiTranscoder.CopyAscii(text, memory);

            var expected = other < 0x80 && !escapes ? length : place;
            Assert.That(copied, Is.EqualTo(expected));
            Assert.That(memory[..expected], Is.EqualTo(text[..expected].Select(character => (byte)character)));
            Assert.That(memory[length..], Has.All.EqualTo(Untouched));
        }
    }

    [Test]
    public void Text_is_ASCII_if_and_only_if_each_character_is([Range(0, 70)] int length)
    {
        Assert.That(AsciiTranscoder.IsAscii(AsciiTranscoder.Combine(new string('\u007F', length))), Is.True);
        for (var place = 0; place < length; place++)
        {
            foreach (var other in "\u0080\u0100\uFF00")
            {
                var text = new string('a', place) + other + new string('a', length - place - 1);

                Assert.That(AsciiTranscoder.IsAscii(AsciiTranscoder.Combine(text)), Is.False, text);
            }
        }
    }
}
