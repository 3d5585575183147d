using System.Net;
using System.Text.RegularExpressions;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Sources;

/// <summary>
/// Fetches the metrics of a source. Errors name the source and describe the problem, but contain neither the text of
/// the response nor a header. Only errors of the registry contain the labels of a duplicate series or an invalid
/// bucket bound. Thread-safe.
/// </summary>
internal sealed partial class MetricSource(SourceOptions options) : IDisposable
{
    private const int MaxRedirects = 5;

    private readonly HttpClient _client = new(
        new SocketsHttpHandler
        {
            // Another host must not receive the headers.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            UseCookies = false,
            // Picks up changes in DNS.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
    {
        // The collector has a timeout.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <exception cref="InvalidOperationException">The source, a secret or the response cannot be read.</exception>
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var collector = new ExpositionTextCollector(FetchAsync);
        try
        {
            var families = await collector.CollectAsync(cancellationToken);
            return [.. families.Where(family => !IsDropped(family))];
        }
        catch (FormatException exception)
        {
            // The message quotes the line, which may be confidential.
            var line = LineNumber().Match(exception.Message) is { Success: true } match ? $", line {match.Value}" : "";
            throw CreateError($"returned text that is not an exposition of Prometheus or OpenMetrics{line}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            throw CreateUnreadableError(
                (exception as HttpRequestException)?.HttpRequestError
                ?? (exception as HttpIOException)?.HttpRequestError);
        }
    }

    public void Dispose() => _client.Dispose();

    private bool IsDropped(MetricFamily family) =>
        options.DropFamilies.Contains(family.Name)
        || (family.Type == MetricType.Counter && options.DropFamilies.Contains(family.Name + "_total"));

    private async Task FetchAsync(Stream target, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            throw CreateError($"returned the status {(int)response.StatusCode}");
        if (response.Content.Headers.ContentType?.MediaType is { } type
            && type is not ("text/plain" or "application/openmetrics-text"))
            throw CreateError("returned a content type that is neither text/plain nor application/openmetrics-text");
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await CopyAsync(stream, target, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(CancellationToken cancellationToken)
    {
        var url = options.Url;
        for (var redirects = 0; ; redirects++)
        {
            using var request = CreateRequest(url);
            var response = await _client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308)
                || response.Headers.Location is not { } location)
                return response;
            response.Dispose();
            if (!Uri.TryCreate(url, location, out var target))
                throw CreateError("redirects to an address that is not valid. Set its url to the target");
            if (Uri.Compare(
                url, target, UriComponents.SchemeAndServer, UriFormat.Unescaped,
                StringComparison.OrdinalIgnoreCase) != 0)
                throw CreateError(
                    "redirects to another host, port or scheme, which is not followed. Set its url to the target");
            if (redirects == MaxRedirects)
                throw CreateError($"redirects more than {MaxRedirects} times. Set its url to the target");
            url = target;
        }
    }

    private HttpRequestMessage CreateRequest(Uri url)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation(
            "Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
        request.Headers.TryAddWithoutValidation("User-Agent", Product.Name);
        foreach (var (name, value) in options.Headers)
            Set(request, name, value);
        foreach (var (name, path) in options.HeaderFiles)
            Set(request, name, ReadSecret(path));
        if (options.BearerTokenFile is { } file)
            Set(request, "Authorization", "Bearer " + ReadSecret(file));
        return request;
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
    }

    // Called for each request, because a file may be replaced while the exporter runs.
    private string ReadSecret(string path)
    {
        string secret;
        try
        {
            secret = Secret.ReadFile(path).Trim();
        }
        catch (IOException exception)
        {
            throw CreateError($"has a secret that cannot be read. {exception.Message.TrimEnd('.')}");
        }

        return secret.AsSpan().ContainsAny('\r', '\n')
            ? throw CreateError($"needs a secret of one line. Remove the other lines of '{path}'")
            : secret;
    }

    private async Task CopyAsync(Stream source, Stream target, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var length = 0L;
        int count;
        while ((count = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            length += count;
            if (length > options.MaxBytes)
                throw CreateError(
                    $"returned more than {options.MaxBytes} bytes. Drop metrics there, or raise max_bytes");
            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    // Omits the query of the address, which may contain a token.
    private InvalidOperationException CreateUnreadableError(HttpRequestError? error) => CreateError(
        $"at {options.Url.GetLeftPart(UriPartial.Path)} cannot be read: " + error switch
        {
            null => "the connection was lost, or the compression is invalid. Fetch its url with curl",
            HttpRequestError.ConnectionError =>
                $"{error}. Check host and port of its url, whether the server runs, and firewalls",
            HttpRequestError.NameResolutionError => $"{error}. Correct the host name in its url, or add it to DNS",
            HttpRequestError.SecureConnectionError =>
                $"{error}. Its certificate must be for the host in its url, and trusted by the system of the exporter",
            _ => $"{error}. Fetch its url with curl",
        });

    private InvalidOperationException CreateError(string problem) => new($"Source '{options.Name}' {problem}.");

    [GeneratedRegex("(?<=^Line )[0-9]+")]
    private static partial Regex LineNumber();
}
