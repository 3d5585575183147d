using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// The users of a web configuration file, with the bcrypt hashes of their passwords. Keeps a keyed hash of the last
/// correct password of each user, because bcrypt is slow. Thread-safe.
/// </summary>
/// <param name="hashes">The hashes by user; at least one.</param>
/// <param name="verify">Returns whether a password matches a hash.</param>
/// <param name="previous">The users that these replace. Passwords stay verified for unchanged hashes.</param>
internal sealed class BasicAuthUsers(
    IReadOnlyDictionary<string, string> hashes, Func<string, string, bool> verify, BasicAuthUsers? previous = null)
{
    private readonly IReadOnlyDictionary<string, string> _hashes = hashes;
    private readonly byte[] _key = previous?._key ?? RandomNumberGenerator.GetBytes(32);
    private readonly string[] _decoys = [.. hashes.Values];
    private readonly ConcurrentDictionary<string, byte[]> _verified = CarryOver(previous, hashes);

    /// <summary>Returns whether the password is known to be correct, without bcrypt.</summary>
    public bool IsVerified(string user, string password)
    {
        var digest = ComputeDigest(password);
        return _verified.TryGetValue(user, out var verified)
            && CryptographicOperations.FixedTimeEquals(digest, verified);
    }

    /// <summary>Returns whether the password is correct. Takes as long for unknown users as for known ones.</summary>
    public bool Verify(string user, string password)
    {
        // Another request may have verified the password while this one waited.
        if (IsVerified(user, password))
            return true;
        var isKnown = _hashes.TryGetValue(user, out var hash);
        var isCorrect = verify(password, hash ?? SelectDecoy(user)) && isKnown;
        if (isCorrect)
            _verified[user] = ComputeDigest(password);
        return isCorrect;
    }

    private static ConcurrentDictionary<string, byte[]> CarryOver(
        BasicAuthUsers? previous, IReadOnlyDictionary<string, string> hashes) => new(
            previous?._verified.Where(user => hashes.GetValueOrDefault(user.Key) == previous._hashes[user.Key]) ?? []);

    // Hashes may have different costs. An unknown user always gets the same hash, because a varying duration would
    // reveal that the user is unknown.
    private string SelectDecoy(string user) =>
        _decoys[BinaryPrimitives.ReadUInt32LittleEndian(ComputeDigest(user)) % (uint)_decoys.Length];

    private byte[] ComputeDigest(string text) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text));
}
