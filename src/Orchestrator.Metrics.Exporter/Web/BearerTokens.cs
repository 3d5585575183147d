using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// The bearer tokens of a file: one per line, so that an old and a new token can be valid at the same time.
/// Thread-safe.
/// </summary>
internal sealed class BearerTokens
{
    // Checks of tokens are fast, unlike those of passwords, so tokens must not be guessable.
    private const int MinLength = 16;

    // The characters of a token (RFC 6750, section 2.1).
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    private readonly IReadOnlyList<byte[]> _hashes;

    private BearerTokens(IReadOnlyList<byte[]> hashes) => _hashes = hashes;

    /// <summary>Parses the content of a file. Ignores empty lines, and spaces around tokens.</summary>
    public static BearerTokens Parse(string path, string text)
    {
        var hashes = new List<byte[]>();
        var lines = text.Split('\n', StringSplitOptions.TrimEntries);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
                continue;
            if (lines[i].AsSpan().ContainsAnyExcept(Characters))
                throw CreateError($":{i + 1}", "The line is not a token. Write only the token, without \"Bearer\".");
            if (lines[i].Length < MinLength)
                throw CreateError($":{i + 1}", $"The token is shorter than {MinLength} characters. Use a longer one.");
            hashes.Add(Hash(lines[i]));
        }

        return hashes.Count > 0
            ? new(hashes)
            : throw CreateError("", "The file contains no token. Write one per line.");

        ConfigurationException CreateError(string line, string message) => new([$"{path}{line}: {message}"]);
    }

    // The duration reveals neither which token matches nor where a token differs.
    public bool Contains(string token)
    {
        var hash = Hash(token);
        var found = false;
        foreach (var known in _hashes)
            found |= CryptographicOperations.FixedTimeEquals(hash, known);
        return found;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
