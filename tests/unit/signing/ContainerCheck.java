// Has the JDK verify META-INF/signatures0.xml of an unpacked container: java ContainerCheck.java FOLDER. Prints true or false.
import java.io.ByteArrayInputStream;
import java.io.File;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

class ContainerCheck {
    static final String XADES = "http://uri.etsi.org/01903/v1.3.2#";

    public static void main(String[] arguments) throws Exception {
        File folder = new File(arguments[0]);
        var factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        var document = factory.newDocumentBuilder().parse(new File(folder, "META-INF/signatures0.xml"));
        var signature = (Element) document.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature").item(0);
        var encoded = signature.getElementsByTagNameNS(XMLSignature.XMLNS, "X509Certificate").item(0).getTextContent();
        var octets = new ByteArrayInputStream(Base64.getDecoder().decode(encoded));
        var certificate = CertificateFactory.getInstance("X.509").generateCertificate(octets);
        var context = new DOMValidateContext(certificate.getPublicKey(), signature);
        // Its secure mode allows no references to files, which is what a container consists of.
        context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.FALSE);
        context.setBaseURI(folder.toURI().toString());
        var properties = (Element) signature.getElementsByTagNameNS(XADES, "SignedProperties").item(0);
        context.setIdAttributeNS(properties, null, "Id");
        var read = XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
        System.out.println(read.validate(context));
    }
}
