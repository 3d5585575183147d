namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>The content of a web configuration file, in the format of the exporter toolkit of Prometheus.</summary>
/// <param name="Tls">The certificates; null for HTTP without TLS.</param>
/// <param name="Headers">The headers of all responses.</param>
/// <param name="Users">The users; null if no password is required.</param>
internal sealed record WebConfig(
    FileValue<ServerTls>? Tls, IReadOnlyDictionary<string, string> Headers, BasicAuthUsers? Users)
{
    public static WebConfig Empty { get; } = new(null, new Dictionary<string, string>(), null);

    /// <summary>Whether each client must have a certificate of the client CA.</summary>
    public bool VerifiesClients => Tls?.Current.VerifiesClients == true;

    /// <summary>Whether only client certificates with certain names are accepted.</summary>
    public bool RestrictsNames => Tls?.Current.RestrictsNames == true;
}
