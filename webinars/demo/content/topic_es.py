"""The text of the subject page in Spanish."""

INMUNOTERAPIA = """\
Su sistema inmunitario encuentra y elimina lo que no debe estar en el cuerpo, como los microbios. También puede
encontrar células cancerosas. Pero estas pueden esconderse, o apagar el sistema inmunitario. **La inmunoterapia es un
tratamiento que ayuda a su sistema inmunitario a ver el cáncer y a luchar contra él.** Funciona bien en algunas
personas y en algunos tipos de cáncer, y en otros no. Puede darse sola, o junto con cirugía, radioterapia,
quimioterapia u otros medicamentos.

Esta página es para informarse. No puede decirle qué es lo adecuado para usted: pregunte a su equipo médico.

## Cómo funciona

Unos glóbulos blancos llamados células T recorren el cuerpo. Llevan frenos naturales, para no dañar lo que está sano.
Algunos cánceres pisan esos frenos. Otros se parecen tanto a las células sanas que las células T pasan de largo. La
inmunoterapia puede soltar un freno, marcar las células cancerosas o darle células inmunitarias preparadas para
encontrarlas.

![El freno de una célula T](picture:brake)

A menudo necesita tiempo. La primera prueba de imagen puede llegar a los dos o tres meses, y el primer cambio puede
ser pequeño.

## Tipos de inmunoterapia

- **Los inhibidores de puntos de control** sueltan un freno. Los frenos tienen nombres como PD-1, PD-L1 y CTLA-4. Se
  usan en muchos cánceres, entre ellos el melanoma y algunos de pulmón, riñón y vejiga. Se dan por goteo en una vena,
  y algunos con una inyección bajo la piel.
- **La terapia con células CAR-T** usa sus propias células T. Se extraen, se modifican en un laboratorio para que
  reconozcan el cáncer y se le devuelven. Se usa en algunos linfomas, leucemias y mielomas múltiples.
- **Los anticuerpos monoclonales** son proteínas hechas en un laboratorio que encajan en una sola señal. Algunos
  marcan las células cancerosas para el sistema inmunitario. Otros, llamados anticuerpos biespecíficos, acercan una
  célula T a una célula cancerosa. Otros actúan sin el sistema inmunitario.
- **Las vacunas de tratamiento** enseñan al sistema inmunitario a buscar un cáncer que ya existe. Por ahora hay pocas
  aprobadas. Muchas se estudian en ensayos clínicos.
- **Otras formas** son las proteínas que activan las células inmunitarias (citocinas), los virus que atacan células
  cancerosas, la BCG para el cáncer de vejiga inicial y las células T que se toman de un tumor, se multiplican y se
  devuelven.

## Quién podría recibirla

Depende de usted y del cáncer. Su equipo médico mirará:

- el tipo y la etapa del cáncer, y los tratamientos que ha tenido;
- resultados de pruebas como PD-L1, o una característica llamada MSI alta o deficiencia de reparación, con la que
  algunos tratamientos tienen más probabilidad de ayudar;
- su salud en general, y cómo se maneja en el día a día;
- si tiene una enfermedad autoinmune o un órgano trasplantado, o toma medicamentos como los corticoides, que calman
  el sistema inmunitario;
- el embarazo, o el deseo de tener hijos.

Nada de esto es siempre un sí ni siempre un no. Si la respuesta es no, pregunte por qué, y si podría servirle un
ensayo clínico.

## Efectos secundarios

Cuando el sistema inmunitario se vuelve más activo, puede irritar también partes sanas del cuerpo. Muchas personas
tienen efectos secundarios leves. Algunas los tienen graves. Pueden empezar a los pocos días, después de meses o
**cuando el tratamiento ya ha terminado**.

- Frecuentes: cansancio, picor o erupción en la piel, diarrea, dolor en las articulaciones y cambios en glándulas
  como la tiroides.
- Menos frecuentes: inflamación de los pulmones, el hígado, los riñones, los nervios, los ojos o el corazón.
- La terapia con células CAR-T y los anticuerpos biespecíficos pueden causar fiebre, tensión baja o confusión, casi
  siempre poco después del tratamiento. Por eso se vigila de cerca a quien los recibe.

La mayoría de los efectos secundarios se pueden tratar, a menudo con una pausa o con medicamentos que calman el
sistema inmunitario. Empezar pronto ayuda. No empiece, deje ni cambie esos medicamentos por su cuenta.

## Cuándo llamar

**Llame a su equipo médico el mismo día** si nota:

- diarrea, más evacuaciones de lo habitual, sangre en las heces o dolor de vientre;
- tos nueva, o que le falta el aire con más facilidad;
- una erupción que se extiende, duele o forma ampollas, o llagas en la boca;
- fiebre de 38 °C (100.4 °F) o más, o escalofríos;
- la piel o los ojos amarillos, o la orina oscura;
- dolor de cabeza fuerte, cambios en la vista o una debilidad fuera de lo normal;
- mucha sed, mucho cansancio, mareo, o que no se siente como siempre.

**Llame al 911** si tiene dolor en el pecho, dificultad para respirar, un desmayo, una convulsión o confusión
repentina. Diga que ha recibido inmunoterapia, aunque haya sido hace mucho. Lleve una tarjeta que lo diga.

## Preguntas para su equipo médico

- ¿Qué se busca con este tratamiento en mi caso, y cuándo sabremos si funciona?
- ¿Por qué efectos secundarios debo llamar, y a qué número llamo de noche?
- ¿Cuánto me cuesta, y quién puede ayudarme con eso?
- ¿Hay algún ensayo clínico que deba conocer?
"""
