using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// A value that is parsed from files, and parsed again when their content changes. If the new content is invalid, logs
/// the error and keeps the last valid value; each use then tries again. Thread-safe.
/// </summary>
/// <remarks>
/// Each use reads the files, which are small. File times can miss changes, and file watchers miss the replacement of a
/// symbolic link, as in a Kubernetes volume. If the volume does not respond, one caller waits for the volume. All other
/// callers use the last valid value after a quarter of a second.
/// </remarks>
internal sealed partial class FileValue<T>
    where T : class
{
    private const int MaxLength = 1024 * 1024;

    // Probes of Kubernetes time out after a second by default.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly IReadOnlyList<string> _paths;
    private readonly string _names;
    private readonly Func<IReadOnlyList<string>, T?, T> _parse;
    private readonly ILogger _logger;
    private byte[] _fingerprint;
    private volatile T _value;

    // Null if the last content was valid.
    private volatile string? _error;

    /// <summary>
    /// The parser gets the contents of the files, and the value that they replace, which is null at first. It may read
    /// further files, and throws <see cref="ConfigurationException"/>.
    /// </summary>
    /// <exception cref="ConfigurationException">A file cannot be read, or its content is invalid.</exception>
    public FileValue(IReadOnlyList<string> paths, Func<IReadOnlyList<string>, T?, T> parse, ILogger logger)
    {
        (_paths, _names, _parse, _logger) = (paths, string.Join(", ", paths.Distinct()), parse, logger);
        var read = ReadAll();
        (_fingerprint, _value) = (read.Fingerprint, Parse(read));
    }

    public T Current
    {
        get
        {
            if (_lock.TryEnter(MaxWait))
            {
                try
                {
                    Update(ReadAll());
                }
                finally
                {
                    _lock.Exit();
                }
            }
            else
            {
                Keep($"{_names} cannot be read: the volume does not respond.");
            }

            return _value;
        }
    }

    private void Update(FileContents read)
    {
        // After an error, unchanged files are also parsed: the cause may be in another file that the parser reads.
        var isUsed = read.Fingerprint.AsSpan().SequenceEqual(_fingerprint);
        if (_error is null && isUsed)
            return;
        try
        {
            (_value, _fingerprint, _error) = (Parse(read), read.Fingerprint, null);
            if (isUsed)
                LogReadAgain(_names);
            else
                LogReplaced(_names);
        }
        catch (ConfigurationException exception)
        {
            Keep(string.Join(" ", exception.Errors));
        }
        catch (Exception exception)
        {
            // Omits the message, which may contain a part of a secret.
            Keep($"{_names} cannot be used: {exception.GetType().Name}.");
        }
    }

    private void Keep(string error)
    {
        if (Interlocked.Exchange(ref _error, error) != error)
            LogInvalid(error);
    }

    private T Parse(FileContents read) =>
        read.Error is null ? _parse(read.Texts, _value) : throw new ConfigurationException([read.Error]);

    private FileContents ReadAll()
    {
        var texts = new List<string>();
        foreach (var path in _paths)
        {
            try
            {
                texts.Add(BoundedFile.Read(path, MaxLength));
            }
            catch (IOException exception)
            {
                return new([], exception.Message, ComputeFingerprint([exception.Message]));
            }
        }

        return new(texts, null, ComputeFingerprint(texts));
    }

    private static byte[] ComputeFingerprint(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text));

            // Ends each text: this byte does not occur in UTF-8.
            hash.AppendData([0xFF]);
        }

        return hash.GetHashAndReset();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Files} changed. The new content is in use.")]
    private partial void LogReplaced(string files);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Files} can be used again.")]
    private partial void LogReadAgain(string files);

    [LoggerMessage(Level = LogLevel.Error, Message = "The previous content of changed files stays in use. {Reason}")]
    private partial void LogInvalid(string reason);

    private sealed record FileContents(IReadOnlyList<string> Texts, string? Error, byte[] Fingerprint);
}
