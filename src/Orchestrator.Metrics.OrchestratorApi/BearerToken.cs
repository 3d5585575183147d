using System.Text;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>
/// Provides the bearer token of the configured credential. Errors never contain the token. Thread-safe.
/// </summary>
internal sealed class BearerToken(OrchestratorApiOptions options, ClientCredentialsToken clientCredentials)
{
    public bool IsConfigured => options.TokenEndpoint is not null
        || !string.IsNullOrEmpty(options.Token) || !string.IsNullOrEmpty(options.TokenFile);

    public async ValueTask<string?> GetAsync(CancellationToken cancellationToken)
    {
        if (options.TokenEndpoint is not null)
            return await clientCredentials.GetAsync(cancellationToken).ConfigureAwait(false);
        if (!string.IsNullOrEmpty(options.TokenFile))
            return await ReadFileAsync(options.TokenFile, cancellationToken).ConfigureAwait(false);
        return string.IsNullOrEmpty(options.Token) ? null : options.Token;
    }

    public void Discard() => clientCredentials.Discard();

    // Called for each request: file watchers miss the replacement of a symbolic link, as in a Kubernetes volume.
    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        var bytes = new byte[ApiClient.MaxBytes + 1];
        int length;
        try
        {
            var file = File.OpenRead(path);
            await using (file.ConfigureAwait(false))
                length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)
                    .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"The token file '{path}' cannot be read. Check that the file exists and that this process may read " +
                "it.", exception);
        }

        // Editors on Windows write a byte order mark.
        var token = Encoding.UTF8.GetString(bytes, 0, length).TrimStart('\uFEFF').Trim();
        return length < bytes.Length && OrchestratorApiOptionsValidator.IsToken(token)
            ? token
            : throw new InvalidOperationException(
                $"The token file '{path}' does not contain exactly one token of printable ASCII characters, at most " +
                "64 KiB. Write only the token, without \"Bearer\".");
    }
}
