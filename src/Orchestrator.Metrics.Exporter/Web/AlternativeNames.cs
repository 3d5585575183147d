using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>The subject alternative names of a certificate (RFC 5280, section 4.2.1.6).</summary>
internal static class AlternativeNames
{
    private const string Extension = "2.5.29.17";

    private static readonly Asn1Tag Email = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag Dns = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag Ip = new(TagClass.ContextSpecific, 7);

    /// <summary>Returns no names if the extension is missing or malformed.</summary>
    public static IReadOnlyList<string> Read(X509Certificate2 certificate)
    {
        try
        {
            return certificate.Extensions[Extension] is { } extension ? Read(extension.RawData) : [];
        }
        catch (Exception exception) when (exception is AsnContentException or ArgumentException)
        {
            return [];
        }
    }

    private static List<string> Read(byte[] encoded)
    {
        var names = new List<string>();
        var sequence = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            var tag = sequence.PeekTag();
            if (tag == Email || tag == Dns || tag == Uri)
                names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag));
            else if (tag == Ip)
                names.Add(new IPAddress(sequence.ReadOctetString(Ip)).ToString());
            else
                sequence.ReadEncodedValue();
        }

        return names;
    }
}
