using CsCheck;

namespace Orchestrator.Metrics.Tests.Text;

public class CodePointComparerTests
{
    [TestCase("", "a", -1)]
    [TestCase("a", "a", 0)]
    [TestCase("A", "a", -1)]
    [TestCase("Z", "_", -1)]
    [TestCase("a", "aa", -1)]
    [TestCase("a1", "aa", -1)]
    [TestCase("z", "ä", -1)]
    [TestCase("\uD7FF", "\uE000", -1)]
    [TestCase("\uFFFD", "\U00010000", -1, Description = "differs from ordinal order")]
    [TestCase("\uE000", "😀", -1, Description = "differs from ordinal order")]
    [TestCase("\uFFFF", "\U0010FFFF", -1)]
    [TestCase("😀", "😁", -1)]
    [TestCase("😀a", "😀b", -1)]
    [TestCase("😀\uFFFD", "😀😀", -1)]
    [TestCase("\U00010000", "\U0010FFFF", -1)]
    public void Strings_are_ordered_by_code_points(string smaller, string larger, int expected)
    {
        Assert.Multiple(() =>
        {
            Assert.That(Math.Sign(CodePointComparer.Instance.Compare(smaller, larger)), Is.EqualTo(expected));
            Assert.That(Math.Sign(CodePointComparer.Instance.Compare(larger, smaller)), Is.EqualTo(-expected));
        });
    }

    [Test]
    public void Null_is_ordered_first() =>
        Assert.Multiple(() =>
        {
            Assert.That(CodePointComparer.Instance.Compare(null, ""), Is.Negative);
            Assert.That(CodePointComparer.Instance.Compare("", null), Is.Positive);
            Assert.That(CodePointComparer.Instance.Compare(null, null), Is.Zero);
        });

    [Test]
    public void Any_two_strings_compare_like_their_UTF_32_encoding()
    {
        // With few letters, common prefixes and surrogate pairs with equal first halves are frequent.
        var text = Gen.OneOf("a", "b", "\uD7FF", "\uE000", "\uFFFD", "\uFFFF", "😀", "😁", "\U00010000", "\U0010FFFF")
            .Array[0, 4].Select(string.Concat);

        Gen.Select(text, text).Sample(
            (x, y) => Math.Sign(CodePointComparer.Instance.Compare(x, y)) == Math.Sign(CompareCodePoints(x, y)));
    }

    private static int CompareCodePoints(string x, string y)
    {
        var (left, right) = (x.EnumerateRunes().ToArray(), y.EnumerateRunes().ToArray());
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            if (left[i] != right[i])
                return left[i].Value.CompareTo(right[i].Value);
        }

        return left.Length.CompareTo(right.Length);
    }
}
