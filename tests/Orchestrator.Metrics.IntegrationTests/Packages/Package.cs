using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

namespace Orchestrator.Metrics.Tests.Packages;

internal sealed class Package
{
    private static readonly Guid SourceLinkKind = new("cc110556-a091-4d38-9fec-25ab9a351a6a");
    private static readonly Guid EmbeddedSourceKind = new("0e8a571b-6926-466e-b4ad-8ab04611f5fe");

    private readonly string _project;
    private readonly Dictionary<string, byte[]> _content;
    private readonly Dictionary<string, byte[]> _symbols;
    private readonly XElement _metadata;

    public Package(string project, string? folder = null)
    {
        _project = project;
        var path = Path.Combine(folder ?? PackedRepository.Packages, $"{project}.{PackedRepository.Version}");
        _content = ReadEntries(path + ".nupkg");
        _symbols = ReadEntries(path + ".snupkg");
        _metadata = XDocument.Parse(Nuspec).Root!.Elements().Single();
    }

    /// <summary>The files in the package, without packaging metadata.</summary>
    public IEnumerable<string> Files => GetNames(_content);

    public IEnumerable<string> SymbolFiles => GetNames(_symbols);

    public string Nuspec => Encoding.UTF8.GetString(_content[$"{_project}.nuspec"]).TrimStart('\uFEFF');

    public byte[] Assembly => _content[$"lib/net10.0/{_project}.dll"];

    public byte[] Pdb => _symbols[$"lib/net10.0/{_project}.pdb"];

    public byte[] GetFile(string name) => _content[name];

    public string? GetText(string element) => _metadata.Element(_metadata.Name.Namespace + element)?.Value;

    public string[] Tags => GetText("tags")?.Split(' ') ?? [];

    public string[] FindClassesWith(string attribute)
    {
        using var assembly = new PEReader(new MemoryStream(Assembly));
        var reader = assembly.GetMetadataReader();
        return
        [
            .. reader.TypeDefinitions.Select(reader.GetTypeDefinition)
                .Where(type => type.GetMethods().Select(reader.GetMethodDefinition).Any(
                    method => method.GetCustomAttributes()
                    .Any(handle => GetName(reader, reader.GetCustomAttribute(handle).Constructor) == attribute)))
                .Select(type => reader.GetString(type.Name)),
        ];
    }

    /// <summary>Returns the id of the symbols to which the assembly refers, and the id of the packed symbols.</summary>
    public (Guid Referenced, Guid Packed) ReadSymbolIds()
    {
        using var assembly = new PEReader(new MemoryStream(Assembly));
        using var pdb = ReadPdb();
        var entry = assembly.ReadDebugDirectory().First(entry => entry.Type == DebugDirectoryEntryType.CodeView);
        return (assembly.ReadCodeViewDebugDirectoryData(entry).Guid,
            new BlobContentId(pdb.GetMetadataReader().DebugMetadataHeader!.Id).Guid);
    }

    public string ReadSourceLink()
    {
        using var pdb = ReadPdb();
        return Encoding.UTF8.GetString(
            ReadInformation(pdb.GetMetadataReader(), EntityHandle.ModuleDefinition, SourceLinkKind).Single());
    }

    /// <summary>Returns the source files named in the symbols, and whether the symbols embed them.</summary>
    public IReadOnlyList<(string Name, bool Embedded)> ReadSources()
    {
        using var pdb = ReadPdb();
        var reader = pdb.GetMetadataReader();
        return
        [
            .. reader.Documents.Select(document => (
                reader.GetString(reader.GetDocument(document).Name),
                ReadInformation(reader, document, EmbeddedSourceKind).Any())),
        ];
    }

    private MetadataReaderProvider ReadPdb() => MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Pdb));

    private static IEnumerable<byte[]> ReadInformation(MetadataReader reader, EntityHandle parent, Guid kind) =>
        reader.GetCustomDebugInformation(parent).Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == kind)
            .Select(information => reader.GetBlobBytes(information.Value));

    private static string GetName(MetadataReader reader, EntityHandle constructor) =>
        constructor.Kind == HandleKind.MemberReference
            && reader.GetMemberReference((MemberReferenceHandle)constructor).Parent is { Kind: HandleKind.TypeReference } type
                ? reader.GetString(reader.GetTypeReference((TypeReferenceHandle)type).Name)
                : "";

    private static Dictionary<string, byte[]> ReadEntries(string path)
    {
        Assert.That(
            path, Does.Exist,
            "The package does not exist. Add the project to the solution, and import build/Library.props.");
        using var archive = ZipFile.OpenRead(path);
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var content = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(content);
            return content.ToArray();
        });
    }

    private static IEnumerable<string> GetNames(Dictionary<string, byte[]> entries) => entries.Keys
        .Where(name => name != "[Content_Types].xml" && !name.StartsWith("_rels/", StringComparison.Ordinal)
            && !name.StartsWith("package/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);
}
