/* The bare cost of verifying one enveloped RSA-SHA256 signature: libxml2 and OpenSSL, and nothing around them.

   signature_floor PACKAGE PUBLIC_KEY_DER ROUNDS

   Parse, canonicalise SignedInfo, verify its value, canonicalise the document without the signature, digest it, compare,
   free. Prints the microseconds of the median round. Built and run by bench/signatures.py; never part of the hub. */

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char *what) {
    fprintf(stderr, "signature_floor: %s\n", what);
    exit(1);
}

static unsigned char *read_file(const char *path, long *size) {
    FILE *file = fopen(path, "rb");
    if (!file) fail("cannot open a file");
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    unsigned char *octets = malloc(*size + 1);
    if (!octets || fread(octets, 1, *size, file) != (size_t)*size) fail("cannot read a file");
    fclose(file);
    return octets;
}

static xmlNodePtr find(xmlNodePtr node, const char *name) {
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) continue;
        if (!strcmp((const char *)node->name, name)) return node;
        xmlNodePtr below = find(node->children, name);
        if (below) return below;
    }
    return NULL;
}

static int decoded(xmlNodePtr node, unsigned char *out, int most) {
    xmlChar *text = xmlNodeGetContent(node);
    int length = (int)strlen((char *)text), padding = 0;
    if (length == 0 || length > most) fail("a value of unexpected length");
    while (padding < 2 && text[length - 1 - padding] == '=') padding++;
    int got = EVP_DecodeBlock(out, text, length);
    xmlFree(text);
    return got - padding;
}

static void verify(const unsigned char *octets, long size, EVP_PKEY *key) {
    xmlDocPtr document = xmlReadMemory((const char *)octets, (int)size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_HUGE);
    if (!document) fail("the package is no XML");
    xmlNodePtr signature = find(xmlDocGetRootElement(document), "Signature");
    if (!signature) fail("the package has no signature");
    unsigned char value[1024], digest[64], worked_out[EVP_MAX_MD_SIZE];
    int value_length = decoded(find(signature->children, "SignatureValue"), value, 1000);
    int digest_length = decoded(find(signature->children, "DigestValue"), digest, 60);

    xmlDocPtr apart = xmlNewDoc((const xmlChar *)"1.0");
    xmlDocSetRootElement(apart, xmlDocCopyNode(find(signature->children, "SignedInfo"), apart, 1));
    xmlChar *canonical = NULL;
    int length = xmlC14NDocDumpMemory(apart, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &canonical);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (length < 0 || EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestVerify(context, value, value_length, canonical, length) != 1)
        fail("the value is wrong");
    EVP_MD_CTX_free(context);
    xmlFree(canonical);
    xmlFreeDoc(apart);

    xmlUnlinkNode(signature);
    length = xmlC14NDocDumpMemory(document, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &canonical);
    unsigned int got = 0;
    if (length < 0 || EVP_Digest(canonical, length, worked_out, &got, EVP_sha256(), NULL) != 1 ||
        (int)got != digest_length || memcmp(worked_out, digest, got))
        fail("the digest is wrong");
    xmlFree(canonical);
    xmlFreeNode(signature);
    xmlFreeDoc(document);
}

static int by_size(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

int main(int count, char **words) {
    if (count != 4) fail("expected PACKAGE PUBLIC_KEY_DER ROUNDS");
    long size, key_size;
    unsigned char *octets = read_file(words[1], &size), *der = read_file(words[2], &key_size);
    const unsigned char *start = der;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &start, key_size);
    int rounds = atoi(words[3]);
    if (!key || rounds < 1) fail("no key, or no rounds");
    double *spent = malloc(rounds * sizeof *spent);
    for (int round = 0; round < rounds; round++) {
        struct timespec began, ended;
        clock_gettime(CLOCK_MONOTONIC, &began);
        verify(octets, size, key);
        clock_gettime(CLOCK_MONOTONIC, &ended);
        spent[round] = (ended.tv_sec - began.tv_sec) * 1e6 + (ended.tv_nsec - began.tv_nsec) / 1e3;
    }
    qsort(spent, rounds, sizeof *spent, by_size);
    printf("%.1f\n", spent[rounds / 2]);
    return 0;
}
