using Google.Protobuf;

namespace Orchestrator.Metrics.Tests.Messages;

/// <summary>Reads delimited messages with classes that protoc generates from <c>metrics.proto</c>.</summary>
internal static class ProtobufMessages
{
    /// <summary>Throws if Google.Protobuf writes a message in a different number of bytes.</summary>
    public static List<MetricFamily> Read(byte[] exposition)
    {
        var families = new List<MetricFamily>();
        using var stream = new MemoryStream(exposition);
        while (stream.Position < stream.Length)
        {
            var start = stream.Position;
            var family = MetricFamily.Parser.ParseDelimitedFrom(stream);
            using var rewritten = new MemoryStream();
            family.WriteDelimitedTo(rewritten);
            if (rewritten.Length != stream.Position - start)
                throw new InvalidDataException(
                    $"Family '{family.Name}' has {stream.Position - start} bytes, but Google.Protobuf writes " +
                    $"{rewritten.Length}.");
            families.Add(family);
        }

        return families;
    }
}
